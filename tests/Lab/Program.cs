using System.CommandLine;
using EtcdFleet.Lab;
using EtcdFleet.Lab.Cli;

try
{
    var root = new RootCommand("Real systemd machines on one computer, with etcd as kubeadm lays it out.");
    foreach (var command in LabCommands.All())
    {
        root.Add(command);
    }

    // Its own words begin after the node's name; the parser would take options and '--' for itself.
    if (args is ["sh", var node and not ['-', ..], .. var words])
    {
        return LabCommands.RunShell(node, words);
    }

    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (LabException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
