using EtcdFleet.Agent.Health;
using EtcdFleet.Agent.Operations;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace EtcdFleet.Agent.Tests.Health;

/// <summary>Memory is given back in quiet periods, when there is some, and never under a verb.</summary>
[Collection(nameof(Alone))]
public sealed class IdleMemoryTests : IDisposable
{
    private readonly NodeLock _node = new();
    private readonly FakeTimeProvider _time = new();
    private readonly IdleMemory _memory;

    public IdleMemoryTests() => _memory = new IdleMemory(_node, _time);

    [Fact]
    public void Look_AfterABusyPeriod_Waits()
    {
        Allocate();

        _memory.Look();

        Assert.Equal(0, _memory.Collections);
    }

    [Fact]
    public void Look_AfterAQuietPeriod_CollectsOnce()
    {
        Allocate();
        _memory.Look();
        _memory.Look();
        Assert.Equal(1, _memory.Collections);

        _memory.Look();
        _memory.Look();

        Assert.Equal(1, _memory.Collections); // nothing was allocated since
    }

    [Fact]
    public void Look_WhileAVerbIsAtWork_Waits()
    {
        Allocate();
        _memory.Look();
        using (_node.TryTake("TakeSnapshot", out _))
        {
            _memory.Look();
            Assert.Equal(0, _memory.Collections);
        }

        _memory.Look();

        Assert.Equal(1, _memory.Collections);
    }

    [Fact]
    public async Task Service_LooksEveryTenSeconds_AndEnds()
    {
        Allocate();
        await _memory.StartAsync(TestContext.Current.CancellationToken);

        await Soon.IsTrueAsync(() =>
        {
            _time.Advance(IdleMemory.Period);
            return _memory.Collections > 0;
        }, TestContext.Current.CancellationToken);

        await _memory.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(_memory.ExecuteTask!.IsCompletedSuccessfully);
    }

    public void Dispose() => _memory.Dispose();

    private static void Allocate()
    {
        for (var count = 0; count < 8; count++)
        {
            GC.KeepAlive(new byte[1024 * 1024]);
        }
    }
}
