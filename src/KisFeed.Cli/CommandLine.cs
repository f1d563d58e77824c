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

        try
        {
            CultureInfo.CurrentUICulture = Language.Of(host);
        }
        catch (CommandException e)
        {
            return Fail(host, null, e.Message, e.ExitCode);
        }

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
            await host.Error.WriteAsync(Mask(LibraryText.OfLines(errors.ToString())));
            if (result.Action is ParseErrorAction)
            {
                await host.Error.WriteLineAsync(UiText.Of(
                    $"'{FullName(result.CommandResult.Command)} --help' shows the usage.",
                    $"사용법은 '{FullName(result.CommandResult.Command)} --help'로 볼 수 있습니다."));
            }
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
        var help = new HelpOption
        {
            Description = UiText.Of("Show help and usage information", "도움말과 사용법 표시"),
            Recursive = true,
            Action = new CommandHelpAction(host),
        };
        var version = new VersionOption { Description = UiText.Of("Show version information", "버전 표시"), Action = new VersionAction() };
        var command = new Command(Name, UiText.Of(
            "Real-time feeds of the Korea Investment & Securities (KIS) Open API: watch them, record them, simulate them, decode them.",
            "한국투자증권(KIS) Open API 실시간 시세와 체결통보: 조회, 기록, 시뮬레이션, 해독"))
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
                    Description = UiText.Of("Show all options, also those that few need.", "드물게 쓰는 것까지 모든 옵션 표시."),
                    Action = new CommandHelpAction(host, showsAll: true),
                },
                new CommandGroup(
                    help,
                    "token",
                    UiText.Of(
                        "Manage who may use the gateway: consumers, each with its own app key and secret.",
                        "게이트웨이를 쓸 수 있는 소비자 관리. 소비자마다 앱키와 시크릿이 따로 있습니다."),
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
                UiText.Of("Set up and watch a cluster of gateways.", "게이트웨이 클러스터의 설치와 상태 확인."),
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
        message = LibraryText.Of(message);
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
