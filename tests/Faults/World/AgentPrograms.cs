using System.Collections.ObjectModel;
using EtcdFleet.Agent;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Faults.World;

/// <summary>The programs of a machine: kubeadm, and etcd's own, which are scripts that say their version; etcdutl does more.</summary>
internal sealed class AgentPrograms : IPrograms
{
    private readonly AgentLife _agent;
    private readonly Machine _machine;
    private readonly InProcessFleet _fleet;
    private readonly FakeKubernetesApi _api = new(new Death());
    private readonly FakeKubeadm _kubeadm;

    public AgentPrograms(AgentLife agent, Machine machine, InProcessFleet fleet)
    {
        (_agent, _machine, _fleet) = (agent, machine, fleet);
        _kubeadm = new(machine.Root, _api, new Death());
    }

    public Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(file, arguments, ReadOnlyDictionary<string, string>.Empty, timeout, cancellationToken);

    public async Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (ModelEtcdutl.Restores(arguments))
        {
            return await _agent.TurnAsync(() => Task.FromResult(ModelEtcdutl.Begin(arguments))) ?? await _agent.TurnAsync(() => Task.FromResult(ModelEtcdutl.Finish(arguments)));
        }

        return await _agent.TurnAsync(() =>
        {
            lock (_fleet.Clock.Gate)
            {
                return file == _kubeadm.Program ? Kubeadm(arguments, environment, timeout) : Task.FromResult(ModelEtcdutl.Run(arguments) ?? Version(file));
            }
        });
    }

    private Task<ProgramResult> Kubeadm(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, TimeSpan timeout)
    {
        _api.Configuration = _fleet.Configuration;
        _api.Silence = _fleet.Machines.Any(_fleet.ApiServerReady) ? null : "no apiserver is ready";
        try
        {
            var ended = _kubeadm.RunAsync(_kubeadm.Program, arguments, environment, timeout, CancellationToken.None);
            _fleet.Configuration = _api.Configuration;
            return ended;
        }
        catch (IOException full)
        {
            return Task.FromResult(new ProgramResult(1, "", $"error: {full.Message}\n"));
        }
    }

    /// <summary>"#!/bin/sh\necho 'etcd Version: 3.6.6'": what a shell would make of it.</summary>
    private ProgramResult Version(string file) => File.Exists(file) && File.ReadAllText(file).Split('\'') is [_, var says, ..]
        ? new(0, $"{says}\n", "")
        : throw new AgentFault(FaultReason.ProgramFailed, $"{_machine.Name}: {file} cannot be run");
}
