using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using KisFeed.Benchmarks;
using KisFeed.Benchmarks.Capture;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Decode;
using KisFeed.Benchmarks.Fanout;
using KisFeed.Benchmarks.Serving;
using KisFeed.Benchmarks.Sockets;

if (args is [BareBroadcast.Verb, var upstream])
    return await BareBroadcast.RunAsync(new Uri(upstream));

IContest[] contests =
[
    new DecodeContest(),
    new SocketContest(),
    new FanoutContest(),
    new CaptureContest(),
];

if (args is ["compare" or ServeCommand.Word or "--help" or "-h" or "-?", ..])
{
    var command = new RootCommand("How fast KisFeed is, and how fast it could be. Without 'compare' the arguments are those of BenchmarkDotNet, e.g. --filter '*Decode*' or --list flat.")
    {
        new CompareCommand(contests),
        new ServeCommand(),
    };
    return await command.Parse(args).InvokeAsync();
}

// Within this process: a project made and built anew for each benchmark would not have this repository's settings.
var configuration = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(CompareCommand).Assembly).Run(args, configuration);
return 0;
