using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using KisFeed.Benchmarks;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Decode;

IContest[] contests = [new DecodeContest()];

if (args is ["compare" or "--help" or "-h" or "-?", ..])
{
    var command = new RootCommand("How fast KisFeed is, and how fast it could be. Without 'compare' the arguments are those of BenchmarkDotNet, e.g. --filter '*Decode*' or --list flat.")
    {
        new CompareCommand(contests),
    };
    return await command.Parse(args).InvokeAsync();
}

// Within this process: a project made and built anew for each benchmark would not have this repository's settings.
var configuration = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(CompareCommand).Assembly).Run(args, configuration);
return 0;
