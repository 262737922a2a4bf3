using EtcdFleet.Agent.Host;
using EtcdFleet.Shared;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Host;

/// <summary>What is done in a folder is done in the one that was opened, whatever becomes of its name.</summary>
[Collection(nameof(Alone))]
public sealed class HeldFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Exchange _exchange = new();

    [Fact]
    public void Write_LandsInTheFolderThatWasOpened()
    {
        var folder = Own("mine");
        _exchange.ForALink(folder, at: 0);

        AtomicFile.Write(Path.Combine(folder, "file"), "x"u8, noLink: true);

        Assert.Equal("x", File.ReadAllText($"{folder}.moved/file"));
        _exchange.Untouched();
    }

    [Theory]
    [InlineData("from")]
    [InlineData("to")]
    public void Rename_HappensInTheFoldersThatWereOpened(string exchanged)
    {
        var (from, to) = (Own("from"), Own("to"));
        File.WriteAllText(Path.Combine(from, "etcd.yaml"), "mine");
        _exchange.ForALink(_folder.At(exchanged), at: 0, below: to);

        AtomicFile.Rename(Path.Combine(from, "etcd.yaml"), Path.Combine(to, "new.yaml"), noLink: true);

        Assert.Equal("mine", File.ReadAllText(exchanged == "to" ? $"{to}.moved/new.yaml" : $"{to}/new.yaml"));
        _exchange.Untouched();
    }

    [Fact]
    public void Write_IntoALink_IsRefused()
    {
        var link = _folder.At("link");
        File.CreateSymbolicLink(link, _exchange.Outside);

        Assert.Throws<IOException>(() => AtomicFile.Write(Path.Combine(link, "file"), "x"u8, noLink: true));
        Assert.Throws<IOException>(() => AtomicFile.Rename(Path.Combine(link, "etcd.yaml"), _folder.At("new"), noLink: true));
        _exchange.Untouched();
    }

    [Fact]
    public void Remove_TakesATreeAway_AndLeavesWhatItsLinksLeadTo()
    {
        var folder = Own("mine");
        Directory.CreateDirectory(Path.Combine(folder, "tree", "deep", "deeper"));
        File.WriteAllText(Path.Combine(folder, "tree", "deep", "file"), "x");
        File.CreateSymbolicLink(Path.Combine(folder, "tree", "deep", "link"), _exchange.Outside);
        using var held = HeldFolder.Open(folder);

        held.Remove("tree");
        held.Remove("tree");

        Assert.Empty(held.Names);
        _exchange.Untouched();
    }

    [Fact]
    public void Create_WhatHasTheName_IsLeftAsItIs()
    {
        var folder = Own("mine");
        File.CreateSymbolicLink(Path.Combine(folder, "link"), Path.Combine(_exchange.Outside, "new"));
        File.CreateSymbolicLink(Path.Combine(folder, "folder"), _exchange.Outside);
        using var held = HeldFolder.Open(folder);

        Assert.Throws<IOException>(() => held.Create("link"));
        Assert.Throws<IOException>(() => held.In("folder"));
        Assert.Throws<IOException>(() => held.Make("folder", UnixFileMode.UserRead));
        Assert.Throws<IOException>(() => HeldFolder.Open(Path.Combine(folder, "folder")));
        _exchange.Untouched();
    }

    public void Dispose()
    {
        _exchange.Dispose();
        _folder.Dispose();
    }

    private string Own(string name) => Directory.CreateDirectory(_folder.At(name)).FullName;
}
