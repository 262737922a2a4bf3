using System.Net;
using System.Net.Sockets;
using EtcdFleet.Agent;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Health;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Faults.Etcd;
using EtcdFleet.TestKit;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Faults.World;

/// <summary>The real agent on a machine, from its start to its end: its own application behind its own socket, with fakes only below Host/.</summary>
/// <remarks>Dead is dead: what it had asked of the machine is never answered, and none of its files gets a new name any more.</remarks>
internal sealed class AgentLife
{
    private readonly Machine _machine;
    private readonly InProcessFleet _fleet;
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lazy<Task<Running>> _running;
    private TaskCompletionSource _hung = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="machine">Where it runs.</param>
    /// <param name="fleet">What it is part of.</param>
    /// <param name="number">How many there were on this machine before.</param>
    public AgentLife(Machine machine, InProcessFleet fleet, int number)
    {
        (_machine, _fleet, Number) = (machine, fleet, number);
        _running = new(StartAsync);
    }

    /// <summary>Whose call is being served: a verb that still unwinds after its agent's death is the dead one's.</summary>
    public static AsyncLocal<AgentLife?> Serving { get; } = new();

    /// <summary>What the agent does by itself from its start on, and not for a call.</summary>
    public static AsyncLocal<bool> Settling { get; } = new();

    public int Number { get; }

    /// <summary>How often it has turned to its machine.</summary>
    public int Turns { get; private set; }

    public bool Dead => _died.Task.IsCompleted;

    /// <summary>Done when it dies.</summary>
    public Task Died => _died.Task;

    /// <summary>Done when one of its verbs hangs.</summary>
    public Task Hung => _hung.Task;

    /// <summary>When what hangs goes on by itself; null: not before it is healed.</summary>
    public DateTimeOffset? HangsUntil { get; private set; }

    /// <summary>What happens when it turns to its machine the next times; null lets it be.</summary>
    public Trap? Trap { get; set; }

    /// <summary>The way to it; its first caller waits for its start.</summary>
    public async Task<CallInvoker> InvokerAsync() => (await _running.Value).Invoker;

    public void Die()
    {
        if (_died.TrySetResult() && _running.IsValueCreated)
        {
            // Nobody waits: what hangs in it hangs for ever, and Kestrel takes a second to give it up.
            _ = Task.Run(async () =>
            {
                var (application, channel, _) = await _running.Value;
                channel.Dispose();
                await application.StopAsync(new CancellationToken(canceled: true));
                await application.DisposeAsync();
            });
        }
    }

    /// <summary>A verb hangs in the middle.</summary>
    /// <param name="duration">Until it goes on by itself; null: until it is healed.</param>
    public Task HangAsync(TimeSpan? duration)
    {
        HangsUntil = duration is { } known ? _fleet.Clock.GetUtcNow() + known : null;
        if (duration is { } limit)
        {
            _fleet.Clock.After(limit, Release);
        }

        _hung.TrySetResult();
        return _released.Task;
    }

    /// <summary>What hangs goes on.</summary>
    public void Release()
    {
        _hung = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _released.TrySetResult();
    }

    /// <summary>The agent turns to its machine. It may die before, or after without hearing the answer; then this never ends.</summary>
    /// <remarks>While it settles what its predecessor died in, no call holds the fleet's time: its own turns do.</remarks>
    public async Task<T> TurnAsync<T>(Func<Task<T>> call)
    {
        if (!Settling.Value)
        {
            return await TurnAloneAsync(call);
        }

        Serving.Value = this;
        _fleet.Clock.Begin();
        var turn = TurnAloneAsync(call);
        await Task.WhenAny(turn, Died);
        _fleet.Clock.End();
        return await turn;
    }

    private async Task<T> TurnAloneAsync<T>(Func<Task<T>> call)
    {
        await PassAsync();
        var answer = await call();
        await PassAsync();
        return answer;
    }

    /// <summary>The agent is about to give a file its name.</summary>
    /// <exception cref="AgentDiedException">It is dead, or dies here.</exception>
    public void BeforeName()
    {
        lock (_fleet.Clock.Gate)
        {
            Turns++;
            _ = Dead ? null : Trap?.Springs(this, canWait: false);
            if (Dead)
            {
                throw new AgentDiedException();
            }
        }
    }

    private async Task PassAsync()
    {
        Task? wait;
        lock (_fleet.Clock.Gate)
        {
            Turns++;
            _machine.Kubelet.Look();
            wait = Dead ? null : Trap?.Springs(this, canWait: true);
            wait = Dead ? Task.Delay(Timeout.InfiniteTimeSpan, _fleet.Clock) : wait;
        }

        if (wait is not null)
        {
            await wait;
        }
    }

    private async Task<Running> StartAsync()
    {
        var options = new AgentOptions { Node = _machine.Name, HealthListen = new(IPAddress.Loopback, 0), Socket = $"/run/etcdfleet/{Number}.sock" };
        var application = AgentHost.Build(options, _machine.Root, Replace);
        Settling.Value = true;
        await application.StartAsync();
        var socket = new UnixDomainSocketEndPoint(_machine.Root.At(options.Socket));
        var channel = GrpcChannel.ForAddress("http://localhost", new()
        {
            HttpHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await connection.ConnectAsync(socket, cancellationToken);
                    return new NetworkStream(connection, ownsSocket: true);
                },
            },
            DisposeHttpClient = true,
            MaxRetryAttempts = 1,
        });
        return new(application, channel, channel.CreateCallInvoker());
    }

    private void Replace(IServiceCollection services)
    {
        var surroundings = new AgentSurroundings(this, _machine, _fleet);
        foreach (var beside in services.Where(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType != typeof(Lifetime) && (service.ImplementationType == typeof(IdleMemory) || service.ImplementationType == typeof(ServiceNotifier))).ToList())
        {
            services.Remove(beside);
        }

        services.RemoveAll<ILoggerProvider>()
            .AddSingleton<TimeProvider>(_fleet.Clock).AddSingleton<ISystemd>(surroundings).AddSingleton<IPodTraces>(surroundings).AddSingleton<IBootClock>(surroundings)
            .AddSingleton<IContainerRuntime>(surroundings).AddSingleton<IPrograms>(new AgentPrograms(this, _machine, _fleet)).AddSingleton<IKubernetesApi>(new AgentApi(this, _machine, _fleet))
            .AddSingleton<IEtcdMembers>(new ModelMembers(_machine.Root, _fleet.Clock, this, _machine, _fleet))
            .AddSingleton(new ServingMark(this)).Configure<GrpcServiceOptions>(grpc => grpc.Interceptors.Add<ServingMark>())
            .AddSingleton(new HttpMessageInvoker(new ReleaseMirror(this)));
    }

    private sealed record Running(WebApplication Application, GrpcChannel Channel, CallInvoker Invoker);
}
