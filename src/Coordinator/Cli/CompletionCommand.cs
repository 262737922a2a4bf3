using System.CommandLine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet completion SHELL</c>: a script that asks the command itself, and so never grows old.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # etcdfleet completion for bash. For this shell:  source <(etcdfleet completion bash)
        # For good:  etcdfleet completion bash > /usr/share/bash-completion/completions/etcdfleet
        _etcdfleet() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(etcdfleet "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _etcdfleet etcdfleet
        """;

    private const string Zsh = """
        #compdef etcdfleet
        # etcdfleet completion for zsh. For this shell:  source <(etcdfleet completion zsh)
        # For good, in a folder of $fpath:  etcdfleet completion zsh > "${fpath[1]}/_etcdfleet"
        _etcdfleet() {
            local -a words_known
            words_known=("${(@f)$(etcdfleet "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
            compadd -- "${words_known[@]}"
            _files
        }
        compdef _etcdfleet etcdfleet
        """;

    private const string Fish = """
        # etcdfleet completion for fish. For this shell:  etcdfleet completion fish | source
        # For good:  etcdfleet completion fish > ~/.config/fish/completions/etcdfleet.fish
        complete -c etcdfleet -a '(etcdfleet "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
        """;

    public static Command Create(CommandBoundary boundary)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a script that completes etcdfleet's words in your shell") { shell };
        command.SetAction(boundary.Around(call =>
        {
            call.Output.Text(call.Parsed.GetRequiredValue(shell) switch { "zsh" => Zsh, "fish" => Fish, _ => Bash });
            return ExitCode.Done;
        }));
        return command;
    }
}
