using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Decode;
using KisFeed.Benchmarks.Fanout;
using KisFeed.Benchmarks.Memory;
using KisFeed.Benchmarks.Serving;

namespace KisFeed.Benchmarks;

/// <summary>What this program can do. Hidden are the processes that the others start, and what only a profiler needs.</summary>
internal sealed class BenchmarksCommand : RootCommand, IHasExamples
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    public BenchmarksCommand(IReadOnlyList<IContest> contests)
        : base("How fast KisFeed is, and how fast it could be. Arguments that begin with an option are BenchmarkDotNet's, e.g. --list flat or --filter '*'.")
    {
        Add(new CompareCommand(contests));
        Add(new HourCommand());
        Add(new DecodeOnceCommand());
        Add(new ServeCommand());
        Add(new BareBroadcastCommand());
        Add(new FanoutLoadCommand());
        Add(new PacedMarketCommand());
        foreach (var help in Options.OfType<HelpOption>())
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("compare", "ours beside the others, all of it: some minutes"),
        ("compare socket", "one of them: within a minute"),
        ("hour --minutes 5", "what memory a client takes when it runs for long"),
    ];

    /// <summary>Runs what the arguments ask for. Ctrl-C and SIGTERM end it, and the processes that it has started; a second one ends it at once.</summary>
    public async Task<int> RunAsync(string[] args)
    {
        var result = Parse(args);
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (result.Action is ParseErrorAction wrong)
        {
            // What is wrong, without all that would be right before it, and not among the figures.
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
            // In a terminal the processes that were started are interrupted too, so that their end may be seen first.
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
