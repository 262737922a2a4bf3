using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What A5 and A6 would change, line by line, as it is at this moment.</summary>
internal static class KubernetesPreview
{
    public static async Task ShowAsync(CommandScope scope, CancellationToken cancellationToken)
    {
        foreach (var report in await KubernetesReport.OfAllAsync(scope.Fleet, scope.Agents, render: true, cancellationToken))
        {
            if (report.Configuration is { Merged.Length: > 0 } configuration)
            {
                Show(scope, $"kube-system/kubeadm-config, by way of {report.Node}", configuration.Live, configuration.Merged);
            }

            if (report.Rendering is { } rendering)
            {
                Show(scope, $"{report.Node}: {rendering.Present.Path}", rendering.PresentText, rendering.RenderedText);
            }
        }
    }

    private static void Show(CommandScope scope, string title, string before, string after) =>
        scope.Reporter.Report(new RunEvent.DiffShown(title, TextDiff.Lines(before, after), IsResult: scope.DryRun));
}
