using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace KisFeed.Benchmarks;

/// <summary>The benchmarks of BenchmarkDotNet, with its own arguments.</summary>
internal static class BenchmarkDotNetRun
{
    private static readonly string[] s_ours = ["--help", "-h", "-?", "--version"];
    private static readonly string[] s_onlyTold = ["--list", "--info"];

    /// <summary>Whether arguments are BenchmarkDotNet's: they begin with an option that is not one of ours.</summary>
    public static bool IsMeant(string[] args) => args is [['-', ..] first, ..] && !s_ours.Contains(first, StringComparer.Ordinal);

    /// <summary>Runs what the arguments ask for; 1 where nothing came of it.</summary>
    public static int Run(string[] args)
    {
        // Within this process: a project made and built anew for each benchmark would not have this repository's settings.
        var configuration = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(BenchmarkDotNetRun).Assembly).Run(args, configuration).ToList();
        return args.Intersect(s_onlyTold, StringComparer.Ordinal).Any() || (summaries.Count > 0 && !summaries.Exists(s => s.HasCriticalValidationErrors)) ? 0 : 1;
    }
}
