using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Output;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.Shared;

var streams = ConsoleStreams.Open();
using var interruption = new Interruption(streams.Error.WriteLine);
var here = new Surroundings
{
    Streams = streams,
    Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
    CurrentFolder = Environment.CurrentDirectory,
    UserName = Environment.UserName,
    Time = new BootTimeProvider(), // a lease runs out on a machine that sleeps as well
};
var command = new CommandLine(here, new Operations(), state => new RunCatalogue(new RunFolders(state, here.Time)));
return await interruption.WaitAsync(command.RunAsync(args, interruption.Token));
