using System.CommandLine.Help;
using System.CommandLine.Invocation;
using KisFeed.Capture;
using KisFeed.Cli.Commands;
using KisFeed.Cli.Commands.Tokens;

namespace KisFeed.Cli;

/// <summary>The root command: parses the arguments, runs a command, and turns errors into a message and an exit code.</summary>
internal static class CommandLine
{
    private const string Name = "kisfeed";

    /// <summary>Runs the command of this process. Ctrl-C, SIGTERM and the end of the terminal cancel it.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        using var signals = new ProcessSignals();
        return await RunAsync(arguments, CommandHost.OfProcess(signals), signals.Token);
    }

    /// <summary>Runs the command with the given host. Signals are not handled.</summary>
    public static async Task<int> RunAsync(string[] arguments, CommandHost host, CancellationToken cancellationToken)
    {
        var output = host.OpenText();
        output.AutoFlush = true;
        host = host with { Arguments = arguments };
        ConfigurationFile? file = null;
        using var errors = new StringWriter { NewLine = host.Error.NewLine };
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = errors,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };

        var root = Create(host);
        var result = root.Parse(arguments);
        if (result is { Action: CommandHelpAction, UnmatchedTokens.Count: > 0 })
        {
            // The help of the command before a misspelt one would look like success.
            var help = root.Options.OfType<HelpOption>().Single();
            result = root.Parse([.. arguments.Where(argument => argument != help.Name && !help.Aliases.Contains(argument))]);
        }

        try
        {
            file = ConfigurationFile.Of(result);
            if (file is not null)
                result = root.Parse(file.AddTo(arguments, result));

            // Standard output is for data, so usage errors and suggestions go to standard error.
            if (result.Action is ParseErrorAction wrong)
            {
                wrong.ShowHelp = false;
                configuration.Output = errors;
                if (file is not null)
                    return Fail(host, null, Mask(string.Join('\n', result.Errors.Select(file.Describe))), ExitCode.Usage);
            }

            var code = await result.InvokeAsync(configuration, cancellationToken);
            await host.Error.WriteAsync(Mask(errors.ToString()));
            if (result.Action is ParseErrorAction)
                await host.Error.WriteLineAsync($"'{FullName(result.CommandResult.Command)} --help' shows the usage.");
            return code;
        }
        catch (KisFeedException e)
        {
            return Fail(host, file, FailureText.Of(e, result.CommandResult.Command), ExitCode.Of(e));
        }
        catch (CommandException e)
        {
            return Fail(host, file, e.Message, e.ExitCode);
        }
        catch (Exception e)
            when (e is CaptureException or LayoutFileException or PriceScalesException or IOException or UnauthorizedAccessException)
        {
            return Fail(host, file, e.Message, ExitCode.Usage);
        }
        catch (OutputClosedException)
        {
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    public static Command Create(CommandHost host)
    {
        // Not a RootCommand, which uses the name of the assembly.
        var help = new HelpOption { Recursive = true };
        var own = (HelpAction)help.Action!;
        help.Action = new CommandHelpAction(own);
        var version = new VersionOption { Action = new VersionAction() };
        var command = new Command(Name, "Real-time feeds of the Korea Investment & Securities (KIS) Open API: watch them, "
            + "record them, simulate them, decode them.")
        {
            help,
            version,
            new InitCommand(host),
            new DecodeCommand(host),
            new FeedsCommand(host),
            new FindCommand(host),
            new MastersCommand(host),
            new ExportCommand(host),
            new BarsCommand(host),
            new InspectCommand(host),
            new WatchCommand(host),
            new RecordCommand(host),
            new SinkCommand(host),
            new DoctorCommand(host),
            new DemoCommand(host),
            new SimulateCommand(host),
            new ReplayCommand(host),
            new GatewayCommand(host)
            {
                new Option<bool>("--help-all")
                {
                    Description = "Show all options, also those that few need.",
                    Action = new CommandHelpAction(own, showsAll: true),
                },
                new CommandGroup(
                    help,
                    "token",
                    "Manage who may use the gateway: consumers, each with its own app key and secret.",
                    new TokenAddCommand(host),
                    new TokenListCommand(host),
                    new TokenLinkCommand(host),
                    new TokenSetCommand(host),
                    new TokenRotateCommand(host),
                    new TokenRemoveCommand(host)),
            },
            new CommandGroup(
                help,
                "cluster",
                "Set up and watch a cluster of gateways.",
                new ClusterStatusCommand(host),
                new ClusterSetupCommand(host)),
            new CompletionCommand(host),
            new CompleteCommand(host, () => Create(host)),
            new ManCommand(host, () => Create(host)),
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            if (!host.OutputIsTerminal)
                return help.Action.Run(arguments);
            await host.WriteAsync(await NextSteps.WriteAsync(host, NextSteps.LocalGateway, cancellationToken), cancellationToken);
            return ExitCode.Success;
        });
        return command;
    }

    private static int Run(this CommandLineAction action, ParseResult result) => ((SynchronousCommandLineAction)action).Invoke(result);

    private static string FullName(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{FullName(parent)} {command.Name}" : command.Name;

    private static int Fail(CommandHost host, ConfigurationFile? file, string message, int code)
    {
        // Messages may quote an address with a password that is in the file.
        host.WriteMessage(file is null ? $"{Name}: {message}" : $"{Name}: {Mask(file.Describe(message))}");
        return code;
    }

    // Usage errors quote arguments, which may be the address of a database or a cluster with a password.
    private static string Mask(string text) => ClusterAddress.Mask(DatabaseAddress.Mask(text));

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"{Name} {ProductVersion.Text}");
            return ExitCode.Success;
        }
    }
}
