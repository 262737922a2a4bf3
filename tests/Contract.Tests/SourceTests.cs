using System.Text.RegularExpressions;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Contract.Tests;

/// <summary>What the style guide fixes and a compiler does not see.</summary>
public sealed class SourceTests
{
    public static TheoryData<string> EveryStep() =>
        [.. typeof(Step).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(Step))).Select(type => type.FullName!).Order()];

    /// <summary>Steps in Steps/, gates in Gates/, each with a test class of its name beside its like.</summary>
    [Theory]
    [MemberData(nameof(EveryStep))]
    public void Step_HasItsTests(string name)
    {
        var type = typeof(Step).Assembly.GetType(name)!;
        var folder = type.IsAssignableTo(typeof(Gate)) ? "Gates" : "Steps";

        Assert.Equal($"EtcdFleet.Coordinator.{folder}.{type.Name}", name);
        Assert.True(File.Exists(Root.Of("tests", "Coordinator.Tests", folder, $"{type.Name}Tests.cs")), $"tests/Coordinator.Tests/{folder}/{type.Name}Tests.cs is missing");
    }

    /// <summary>A step's last part of the path is its type's name: one name in plans, journals, logs and code.</summary>
    [Theory]
    [MemberData(nameof(EveryStep))]
    public void Step_ItsFileSaysItsKebabName(string name)
    {
        var type = name.Split('.')[^1];
        var kebab = Regex.Replace(type, "(?<!^)([A-Z])", "-$1").ToLowerInvariant();
        var source = Directory.GetFiles(Root.Of("src", "Coordinator"), $"{type}.cs", SearchOption.AllDirectories).Single();

        // What takes a step back is named after it.
        var expected = type is nameof(Reverse) or nameof(TakeBack) ? "Name => $\"un-{Of.Name}\"" : $"Name => \"{kebab}\"";
        Assert.Contains(expected, File.ReadAllText(source), StringComparison.Ordinal);
    }

    /// <summary>Words that say nothing, and words that the vocabulary has others for.</summary>
    [Fact]
    public void Types_TheirNames_SayWhatTheyAre() => Assert.Empty(
        from file in Sources("src", "tests")
        from Match declared in Regex.Matches(File.ReadAllText(file), @"\b(?:class|record|record struct|struct|interface|enum)\s+(?<name>[A-Z]\w*)")
        where Regex.IsMatch(declared.Groups["name"].Value, "(Manager|Helpers?|Utils?|Utilities|Job|Phase)($|[A-Z])")
        select $"{Path.GetRelativePath(Root.Path, file)}: {declared.Groups["name"].Value}");

    /// <summary>One way to the operator's eyes. The agent has a terminal only for --version and a wrong configuration.</summary>
    [Fact]
    public void Console_IsUsedInOutputAlone() => Assert.Empty(
        from file in Sources("src")
        let name = Path.GetRelativePath(Root.Path, file)
        where !name.StartsWith("src/Coordinator/Output/", StringComparison.Ordinal) && name != "src/Agent/Host/Terminal.cs"
        where Regex.IsMatch(Code(file), @"(?<![\w.])Console\.")
        select name);

    /// <summary>Steps never wait, print, journal or retry: the engine does.</summary>
    [Fact]
    public void Steps_LeaveTimeAndJournalToTheEngine() => Assert.Empty(
        from file in Sources("src/Coordinator/Steps", "src/Coordinator/Gates")
        where Regex.IsMatch(Code(file), @"Task\.Delay|\bJournal\b|IReporter|Thread\.")
        select Path.GetRelativePath(Root.Path, file));

    /// <summary>Past that, a file has two subjects.</summary>
    [Fact]
    public void Files_HaveOneSubject() => Assert.Empty(
        from file in Sources("src", "tests")
        let lines = File.ReadLines(file).Count()
        where lines > 250
        select $"{Path.GetRelativePath(Root.Path, file)} has {lines} lines");

    [Fact]
    public void Sources_HaveNoWorkLeftMarkers() => Assert.Empty(
        from file in Sources("src", "tests")
        where Regex.IsMatch(File.ReadAllText(file), @"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK|NotImplemented" + @"Exception)\b|Skip\s*=\s*" + "\"")
        select Path.GetRelativePath(Root.Path, file));

    private static IEnumerable<string> Sources(params string[] folders) => folders
        .SelectMany(folder => Directory.GetFiles(Root.Of(folder.Split('/')), "*.cs", SearchOption.AllDirectories))
        .Where(file => !Regex.IsMatch(file, "/(obj|bin|artifacts)/"));

    /// <summary>Without its comments.</summary>
    private static string Code(string file) => Regex.Replace(File.ReadAllText(file), "//.*", "");
}
