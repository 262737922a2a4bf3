using EtcdFleet.Agent.Operations;

namespace EtcdFleet.Agent.Tests.Operations;

/// <summary>One holder at a time, and everybody can see who.</summary>
public sealed class NodeLockTests
{
    private readonly NodeLock _node = new();

    [Fact]
    public void TryTake_WhileSomebodyHasIt_SaysWho()
    {
        using var first = _node.TryTake("StashManifest A3/cp1", out var before);

        Assert.Null(_node.TryTake("StartUnit A3/cp1", out var present));
        Assert.Equal(("", "StashManifest A3/cp1", "StashManifest A3/cp1"), (before, present, _node.Holder));
    }

    [Fact]
    public void Dispose_Twice_DoesNotFreeTheNextHolder()
    {
        var first = _node.TryTake("first", out _)!;
        first.Dispose();
        using var second = _node.TryTake("second", out _);

        first.Dispose();

        Assert.Equal("second", _node.Holder);
    }

    [Fact]
    public void Changed_IsRaisedWithEachHolderAndWithNone()
    {
        var seen = new List<string>();
        _node.Changed += seen.Add;

        _node.TryTake("first", out _)!.Dispose();
        _node.TryTake("second", out _)!.Dispose();

        Assert.Equal(["first", "", "second", ""], seen);
    }

    [Fact]
    public void Idle_IsSoBetweenTwoHolders()
    {
        Assert.True(_node.IdleAsync().IsCompletedSuccessfully);
        var held = _node.TryTake("first", out _)!;
        var idle = _node.IdleAsync();
        Assert.False(idle.IsCompleted);

        held.Dispose();

        Assert.True(idle.IsCompletedSuccessfully);
        using var next = _node.TryTake("second", out _);
        Assert.False(_node.IdleAsync().IsCompleted);
    }

    [Fact]
    public async Task TryTake_ByManyAtOnce_IsOneAtATime()
    {
        var (inside, most, taken) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var tries = 0; tries < 20_000; tries++)
            {
                if (_node.TryTake("somebody", out string _) is { } held)
                {
                    most = Math.Max(most, Interlocked.Increment(ref inside));
                    taken++;
                    Interlocked.Decrement(ref inside);
                    held.Dispose();
                }
            }
        })));

        Assert.Equal(1, most);
        Assert.True(taken > 0);
        Assert.Equal("", _node.Holder);
    }
}
