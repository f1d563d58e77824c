using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Benchmarks.Comparing;

/// <summary>The machine of a measurement.</summary>
internal sealed record Machine(string Processor, int Cores, string Vectors, string System, string Runtime, string Load, DateTimeOffset Date)
{
    public static Machine Current() => new(
        ProcessorName(),
        Environment.ProcessorCount,
        VectorName(),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        LoadAverage(),
        TimeProvider.System.GetUtcNow());

    private static string ProcessorName()
    {
        const string Source = "/proc/cpuinfo";
        var line = File.Exists(Source)
            ? File.ReadLines(Source).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string LoadAverage()
    {
        const string Source = "/proc/loadavg";
        return File.Exists(Source) ? string.Join(' ', File.ReadAllText(Source).Split(' ').Take(3)) : "unknown";
    }

    private static string VectorName() => Avx512Vbmi2.IsSupported ? "AVX-512 VBMI2" : Avx2.IsSupported ? "AVX2" : "none used";
}
