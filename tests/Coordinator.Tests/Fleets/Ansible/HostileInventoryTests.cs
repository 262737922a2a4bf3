using System.Text;
using EtcdFleet.Coordinator.Fleets;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Fleets.Ansible;

/// <summary>Whatever is in the files: a fleet, or errors with places. Nothing else is thrown, and nothing takes for ever.</summary>
public sealed class HostileInventoryTests : IDisposable
{
    private const string Letters = "abcp1239 \t\n\n[]{}()<>:=,.;#!%&*?@|-_+~'\"`\\/$^éあ\u2028\u0000\u000b";

    private static readonly string[] Words =
    [
        "[k8s-cp]\n", "[k8s-cp:children]\n", "[all:vars]\n", "k8s-cp-leader", "cp1 ", "cp[1:3]", "ansible_host=", "ansible_host: ", "10.66.0.1", "etcd_version", "=", ": ", "{{ etcd_version }}", "{{", "}}",
        "{% if %}", "!vault |\n  ", "&a ", "*a", "<<: ", "- ", "\n", "\n  ", "'", "\"", "\"\"\"", "\\", "[1, 2]", "{'a': 1}", "True", "3.6.6", "1e9", "b'x'", "all:\n  hosts:\n", "    cp1:\n", "? ", "---\n", "...\n", "%YAML 1.1\n",
    ];

    private readonly WrittenInventory _inventory = new();

    [Theory]
    [InlineData(20261124, "hosts.ini")]
    [InlineData(20261125, "hosts.yaml")]
    [InlineData(20261126, "hosts")]
    [InlineData(20261127, "group_vars/all.yml")]
    public void Read_Garbage_IsAFleetOrErrorsWithPlaces(int seed, string file)
    {
        var random = new Random(seed);
        for (var round = 0; round < 1000; round++)
        {
            var text = random.Next(3) switch { 0 => Letters(random), 1 => Mixed(random), _ => Mutated(random, file) };
            Sound(file, text, $"seed {seed}, round {round}");
        }

        static string Letters(Random random) => string.Concat(Enumerable.Range(0, random.Next(200)).Select(_ => HostileInventoryTests.Letters[random.Next(HostileInventoryTests.Letters.Length)]));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("(")]
    [InlineData("- ")]
    [InlineData("'")]
    [InlineData("{{")]
    [InlineData("&a ")]
    [InlineData("[:")]
    [InlineData("\\")]
    public void Read_OneThingManyTimes_EndsSoon(string what)
    {
        var text = string.Concat(Enumerable.Repeat(what, 20_000));
        Sound("hosts.ini", text, what);
        Sound("hosts.ini", $"[k8s-cp]\ncp1 etcd_version={text}", what);
        Sound("hosts.ini", $"[k8s-cp]\ncp1\n[k8s-cp:vars]\netcd_version={text}", what);
        Sound("hosts.yaml", text, what);
        Sound("group_vars/all.yml", $"etcd_version: {text}", what);
    }

    [Fact]
    public void Read_ManyGroupsBelowEachOther_EndsSoon()
    {
        var groups = string.Concat(Enumerable.Range(0, 2000).Select(i => $"[g{i}:children]\ng{i + 1}\n")) + "[g2000:children]\nk8s-cp\n" + WrittenInventory.Ini;

        Assert.Equal("cp1", _inventory.With("hosts.ini", groups).Read().Leader.Name);
    }

    private void Sound(string file, string text, string which)
    {
        var inventory = file.StartsWith("hosts", StringComparison.Ordinal) ? file : "hosts.ini";
        _inventory.With("hosts.ini", WrittenInventory.Ini).With("group_vars/all.yml", WrittenInventory.Variables).With(file, text).Named(inventory);
        try
        {
            Assert.NotEmpty(_inventory.Read().ControlPlane);
        }
        catch (FleetFileException error)
        {
            Assert.NotEmpty(error.Errors);
            Assert.All(error.Errors, line => Assert.Matches(@"(?s)^[^:]+:[1-9][0-9]*:[1-9][0-9]*: (\w+: )?found .*expected ", line.Replace("no valid YAML", "no valid YAML, expected ")));
        }
        catch (Exception error) when (error is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{file}, {which}: {error.GetType().Name} {error.Message}\n{text}\n{error.StackTrace}");
        }
    }

    private static string Mixed(Random random) => string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => Words[random.Next(Words.Length)]));

    private static string Mutated(Random random, string file)
    {
        var text = new StringBuilder(file switch { "group_vars/all.yml" => WrittenInventory.Variables, "hosts.ini" => WrittenInventory.Ini, _ => WrittenInventory.Yaml });
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(text.Length);
            _ = random.Next(3) switch
            {
                0 => text.Remove(at, 1),
                1 => text.Insert(at, Words[random.Next(Words.Length)]),
                _ => text.Insert(at, Letters[random.Next(Letters.Length)]),
            };
        }

        return text.ToString();
    }

    public void Dispose() => _inventory.Dispose();
}
