using EtcdFleet.Lab.Tests.StandIns.ApiServer;
using EtcdFleet.Lab.Writing;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Lab.Tests.Writing;

/// <summary>The writer through an apiserver, which keeps what it is given in a real etcd: what is acknowledged is found, what is lost is noticed.</summary>
public sealed class ConfigMapTargetTests(OneControlPlane fixture) : IClassFixture<OneControlPlane>, IDisposable
{
    private readonly TemporaryFolder _client = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task Run_WhenAllIsWell_FindsEveryWriteInEtcdsHistory()
    {
        var report = await RunAsync(writes => writes >= 40);
        Assert.Equal((0, 0, 0), (report.Failed, report.Lost, report.FailedAttempts));
        Assert.True(report.HistoryChecked && report.Writes >= 40, $"{report.Writes} writes, history checked: {report.HistoryChecked}");
    }

    [Fact]
    public async Task Run_WhenAnAcknowledgedWriteIsUndoneBehindTheApiserversBack_ReportsIt()
    {
        var undone = false;
        var report = await RunAsync(
            writes => writes >= 60,
            async (writes, key) =>
            {
                if (writes >= 30 && !undone)
                {
                    undone = true;
                    await EtcdCluster.CtlAsync(fixture.Bench.Etcd[0], "del", key);
                }
            });
        Assert.True(undone);
        Assert.Equal((0, 1), (report.Failed, report.Lost));
    }

    [Fact]
    public async Task Run_WhenNobodyAnswers_CountsEachAttemptAsAFailedWrite()
    {
        var options = Options() with { Api = "https://127.0.0.1:9", Rate = 1000 };
        var writing = new Writer(options, EtcdTargets.Connect(options), TimeProvider.System).RunAsync(_stop.Token);
        _stop.CancelAfter(300);
        var report = await writing;
        Assert.Equal(report.Failed, report.FailedAttempts);
        Assert.True(report.Failed > 1 && report.Writes == 0, $"{report.Failed} failed, {report.Writes} were written");
    }

    private WriterOptions Options()
    {
        var pki = fixture.Bench.Kubeadm.At("/etc/kubernetes/pki");
        fixture.Bench.Pki.WriteClient(_client.Path);
        File.Copy($"{pki}/apiserver-etcd-client.crt", _client.Combine("client.crt"), overwrite: true);
        File.Copy($"{pki}/apiserver-etcd-client.key", _client.Combine("client.key"), overwrite: true);
        File.Copy($"{pki}/etcd/ca.crt", _client.Combine("ca.crt"), overwrite: true);
        return WriterOptions.ForApi($"https://127.0.0.1:{fixture.Bench.Port}", [fixture.Bench.Etcd[0].ClientUrl], _client.Path, rate: 200) with { Keys = 5 };
    }

    private async Task<WriterReport> RunAsync(Func<int, bool> enough, Func<int, string, Task>? meanwhile = null)
    {
        var options = Options();
        var target = new CountingTarget(EtcdTargets.Connect(options).Single(), async (writes, key) =>
        {
            await (meanwhile?.Invoke(writes, key) ?? Task.CompletedTask);
            if (enough(writes))
            {
                await _stop.CancelAsync();
            }
        });
        return await new Writer(options, [target], TimeProvider.System).RunAsync(_stop.Token);
    }

    /// <summary>Counts what is acknowledged.</summary>
    private sealed class CountingTarget(IWriteTarget inner, Func<int, string, Task> written) : IWriteTarget
    {
        private int _writes;

        public async Task<Versioned?> CompareAndSwapAsync(string key, long expectedRevision, long value, TimeSpan timeout, CancellationToken cancellationToken)
        {
            var state = await inner.CompareAndSwapAsync(key, expectedRevision, value, timeout, cancellationToken);
            await written(++_writes, key);
            return state;
        }

        public Task<IReadOnlyDictionary<string, Versioned>> ReadAllAsync(string prefix, CancellationToken cancellationToken) => inner.ReadAllAsync(prefix, cancellationToken);

        public Task<IReadOnlySet<Acknowledged>?> ReadHistoryAsync(string prefix, long from, long to, CancellationToken cancellationToken) => inner.ReadHistoryAsync(prefix, from, to, cancellationToken);
    }
}
