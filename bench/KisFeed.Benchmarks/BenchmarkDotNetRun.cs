using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace KisFeed.Benchmarks;

/// <summary>The benchmarks of BenchmarkDotNet, with its own arguments.</summary>
internal static class BenchmarkDotNetRun
{
    private static readonly string[] s_ownOptions = ["--help", "-h", "-?", "--version"];
    private static readonly string[] s_listingOptions = ["--list", "--info"];

    /// <summary>Whether the arguments are BenchmarkDotNet's: they begin with an option that is not one of this program.</summary>
    public static bool IsMatch(string[] args) => args is [['-', ..] first, ..] && !s_ownOptions.Contains(first, StringComparer.Ordinal);

    /// <summary>Runs the benchmarks that the arguments select. Returns 1 if none ran or one is invalid.</summary>
    public static int Run(string[] args)
    {
        // In this process: a project generated for each benchmark would not have this repository's settings.
        var configuration = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(BenchmarkDotNetRun).Assembly).Run(args, configuration).ToList();
        return args.Intersect(s_listingOptions, StringComparer.Ordinal).Any()
            || (summaries.Count > 0 && !summaries.Exists(s => s.HasCriticalValidationErrors))
            ? 0
            : 1;
    }
}
