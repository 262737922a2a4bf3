using System.Globalization;
using EtcdFleet.Faults.Cases;
using EtcdFleet.TestKit;

namespace EtcdFleet.Faults;

/// <summary>The matrix's results below artifacts/faults, for './build.sh faults' to make its table of.</summary>
internal static class Table
{
    private static readonly Lock Gate = new();
    private static readonly string Folder = Directory.CreateDirectory(Root.Of("artifacts", "faults")).FullName;

    /// <summary>One case, as soon as it has ended: a long run can be looked at.</summary>
    public static void Note(CaseResult result)
    {
        lock (Gate)
        {
            File.AppendAllText(Path.Combine(Folder, "cases.txt"), $"{(result.Problem.Length == 0 ? "ok" : "NOT")} {result.Case} {result.Problem} | {string.Join(" | ", result.Story)}\n");
        }
    }

    /// <summary>A fault's rows: procedure, fault, what followed, cases, survived.</summary>
    public static void Write(string fault, IReadOnlyCollection<CaseResult> results) => File.WriteAllLines(
        Path.Combine(Folder, $"{fault}.rows"),
        results.GroupBy(result => (result.Case.Procedure.Name, result.Case.Then)).OrderBy(row => row.Key.Name, StringComparer.Ordinal).ThenBy(row => row.Key.Then)
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Key.Name} {fault} {row.Key.Then} {row.Count()} {row.Count(result => result.Problem.Length == 0)}")));
}
