using System.Globalization;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>One server under the load of the contest and nothing else, for a profiler: <c>fanout-load gateway|bare CONSUMERS SECONDS [RATE]</c>.</summary>
internal static class FanoutLoad
{
    /// <summary>The argument that asks for it.</summary>
    public const string Verb = "fanout-load";

    private const int NoRate = 500;

    /// <summary>Lets frames flow for so many seconds, freely where no rate is given, and writes the server's process ID before and the figures after.</summary>
    public static async Task<int> RunAsync(string which, int consumers, double seconds, int? rate)
    {
        await using var server = which == "bare" ? await FanoutServer.StartBareAsync(CancellationToken.None) : await FanoutServer.StartGatewayAsync(CancellationToken.None);
        using var crowd = await FanoutCrowd.ConnectAsync(server, consumers, CancellationToken.None);
        Console.WriteLine(server.ProcessId);
        var (time, none) = (TimeSpan.FromSeconds(seconds), TimeSpan.Zero);
        IReadOnlyList<Figure> figures = await crowd.RoundAsync(rate ?? NoRate, rate is null ? time : none, rate is null ? none : time, CancellationToken.None);
        foreach (var figure in figures)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure.Name}: {figure.Value:N2} {figure.Unit}"));
        return 0;
    }
}
