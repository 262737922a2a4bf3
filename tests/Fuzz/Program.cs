using EtcdFleet.Fuzz;
using Xunit.Runner.InProc.SystemConsole;

return args is ["run", .. var options] ? FuzzCommand.Run(options) : await ConsoleRunner.Run(args);
