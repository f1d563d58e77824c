using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using KisFeed.Benchmarks.Capacity;
using KisFeed.Benchmarks.Capture;
using KisFeed.Benchmarks.Checking;
using KisFeed.Benchmarks.Decode;
using KisFeed.Benchmarks.Delay;
using KisFeed.Benchmarks.Fanout;
using KisFeed.Benchmarks.History;
using KisFeed.Benchmarks.Memory;
using KisFeed.Benchmarks.Native;
using KisFeed.Benchmarks.Publishing;
using KisFeed.Benchmarks.Serving;
using KisFeed.Benchmarks.Sockets;
using KisFeed.Benchmarks.Storing;

namespace KisFeed.Benchmarks;

/// <summary>The root command. Its hidden commands are started by the others as processes, or are for profilers.</summary>
internal sealed class BenchmarksCommand : RootCommand, IHasExamples
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    public BenchmarksCommand()
        : base("Measures KisFeed against baselines. Arguments that begin with an option are passed to BenchmarkDotNet, e.g. "
            + "--list flat or --filter '*'.")
    {
        BriefOption.AddTo(this);
        Add(new CheckCommand());
        Add(new CompareCommand(
        [
            new DecodeSuite(),
            new SocketSuite(),
            new FanoutSuite(),
            new CaptureSuite(),
            new HistorySuite(),
            new MemorySuite(),
            new SinkSuite(),
            new PublishSuite(),
            new NativeSuite(),
        ]));
        Add(new DelayCommand());
        Add(new CapturedDayCommand());
        Add(new HourCommand());
        Add(new HistoryCommand());
        Add(new CapacityCommand());
        Add(new DecodeOnceCommand());
        Add(new ServeCommand());
        Add(new BareBroadcastCommand());
        Add(new FanoutLoadCommand());
        Add(new PacedMarketCommand());
        foreach (var help in Options.OfType<HelpOption>())
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    public IReadOnlyList<(string Line, string Purpose)> Examples =>
    [
        ("check", "the decisive ratios against limits, within two minutes"),
        ("compare", "all comparisons, which take some minutes"),
        ("compare socket", "one comparison, within a minute"),
        ("hour --minutes 5", "the memory of a client over time"),
    ];

    /// <summary>
    /// Runs the selected command. Ctrl-C and SIGTERM end it and the processes that it has started; a second signal ends it immediately.
    /// </summary>
    public async Task<int> RunAsync(string[] args)
    {
        var result = Parse(args);
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (result.Action is ParseErrorAction wrong)
        {
            // Only the error, without help, and on standard error.
            wrong.ShowHelp = false;
            configuration.Output = Console.Error;
        }

        using var interruption = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        try
        {
            return await result.InvokeAsync(configuration, interruption.Token);
        }
        catch (Exception) when (interruption.IsCancellationRequested)
        {
            // In a terminal the started processes are interrupted too, and may end first.
            await Console.Error.WriteLineAsync("\ninterrupted");
            return Interrupted;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"\n{e}");
            return Failed;
        }

        void Interrupt(PosixSignalContext signal)
        {
            signal.Cancel = !interruption.IsCancellationRequested;
            interruption.Cancel();
        }
    }
}
