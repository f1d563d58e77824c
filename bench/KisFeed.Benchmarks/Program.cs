using System.CommandLine;
using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using KisFeed.Benchmarks;
using KisFeed.Benchmarks.Capture;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Decode;
using KisFeed.Benchmarks.Fanout;
using KisFeed.Benchmarks.Memory;
using KisFeed.Benchmarks.Serving;
using KisFeed.Benchmarks.Sockets;

if (args is [BareBroadcast.Verb, var upstream])
    return await BareBroadcast.RunAsync(new Uri(upstream));
if (args is [FanoutLoad.Verb, var which, var consumers, var seconds, ..])
    return await FanoutLoad.RunAsync(which, int.Parse(consumers, CultureInfo.InvariantCulture), double.Parse(seconds, CultureInfo.InvariantCulture), args.Length > 4 ? int.Parse(args[4], CultureInfo.InvariantCulture) : null);
if (args is [PacedMarket.Verb, var rate])
    return await PacedMarket.RunAsync(double.Parse(rate, CultureInfo.InvariantCulture));

IContest[] contests =
[
    new DecodeContest(),
    new SocketContest(),
    new FanoutContest(),
    new CaptureContest(),
    new MemoryContest(),
];

if (args is ["compare" or "hour" or DecodeOnceCommand.Word or ServeCommand.Word or "--help" or "-h" or "-?", ..])
{
    var command = new RootCommand("How fast KisFeed is, and how fast it could be. Without 'compare' the arguments are those of BenchmarkDotNet, e.g. --filter '*Decode*' or --list flat.")
    {
        new CompareCommand(contests),
        new HourCommand(),
        new DecodeOnceCommand(),
        new ServeCommand(),
    };
    return await command.Parse(args).InvokeAsync();
}

// Within this process: a project made and built anew for each benchmark would not have this repository's settings.
var configuration = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(CompareCommand).Assembly).Run(args, configuration);
return 0;
