using EtcdFleet.Agent;
using EtcdFleet.Agent.Health;
using EtcdFleet.Agent.Host;

if (args is ["--version"])
{
    return ProgramInfo.Print();
}

if (args.Length > 0)
{
    return ProgramInfo.Usage(args);
}

AgentOptions options;
try
{
    options = AgentOptions.Read(HostRoot.Machine);
}
catch (Exception wrong) when (wrong is FormatException or IOException or UnauthorizedAccessException)
{
    return ProgramInfo.Refuse(wrong.Message);
}

await using var agent = AgentHost.Build(options, HostRoot.Machine);
try
{
    await agent.StartAsync();
}
catch (IOException taken)
{
    // An address in use, or one that this machine does not have.
    return ProgramInfo.Refuse(taken.Message);
}

await agent.WaitForShutdownAsync();
return agent.Services.GetRequiredService<Lifetime>().ExitCode;
