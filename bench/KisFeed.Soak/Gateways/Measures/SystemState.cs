using System.Globalization;
using KisFeed.TestSupport;

namespace KisFeed.Soak.Gateways.Measures;

/// <summary>The resource use of a process. Without /proc, all values except the processor time are 0.</summary>
internal sealed record SystemState
{
    public required long WorkingSet { get; init; }

    public required long PeakWorkingSet { get; init; }

    /// <summary>The working set without mapped files.</summary>
    public required long Anonymous { get; init; }

    public required int Handles { get; init; }

    public required int Threads { get; init; }

    public required TimeSpan Cpu { get; init; }

    public static SystemState Of(RunningProcess process)
    {
        var folder = $"/proc/{process.Id}";
        var status = Directory.Exists(folder) ? File.ReadAllLines($"{folder}/status") : [];
        return new SystemState
        {
            WorkingSet = Kibi(status, "VmRSS:"),
            PeakWorkingSet = Kibi(status, "VmHWM:"),
            Anonymous = Kibi(status, "RssAnon:"),
            Threads = (int)Number(status, "Threads:"),
            Handles = Directory.Exists(folder) ? new DirectoryInfo($"{folder}/fd").EnumerateFileSystemInfos().Count() : 0,
            Cpu = process.ProcessorTime,
        };
    }

    private static long Kibi(string[] status, string name) => Number(status, name) << 10;

    private static long Number(string[] status, string name) =>
        status.Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Select(line => long.Parse(
                line.Split(' ', '\t').Last(part => part.Length > 0 && char.IsAsciiDigit(part[0])), CultureInfo.InvariantCulture))
            .FirstOrDefault();
}
