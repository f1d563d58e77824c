using System.Globalization;

namespace KisFeed.Soak;

/// <summary>The keys to subscribe to.</summary>
/// <remarks>
/// Mostly bonds, because each of their trades has a volume, so that a single lost record is detected. Many accounts, because only their
/// notices are sent in separate frames.
/// </remarks>
internal sealed record SubscriptionPlan
{
    private static readonly string[] s_indices = ["0001", "1001", "2001"];
    private static readonly string[] s_stocks = ["005930", "000660", "035420"];

    private SubscriptionPlan(int bonds, int indices, int stocks, int accounts)
    {
        Bonds = Keys(bonds, i => string.Create(CultureInfo.InvariantCulture, $"KR10350{i:D5}"));
        Indices = [.. s_indices.Concat(Keys(indices - s_indices.Length, i => string.Create(CultureInfo.InvariantCulture, $"{3000 + i}")))];
        Stocks = [.. s_stocks.Take(stocks)];
        Accounts = Keys(accounts, Account);
        Churned = "KR1035099999";
    }

    public IReadOnlyList<string> Bonds { get; }

    public IReadOnlyList<string> Indices { get; }

    /// <summary>Each on all three feeds of program trading.</summary>
    public IReadOnlyList<string> Stocks { get; }

    /// <summary>HTS IDs, those of the app keys first.</summary>
    public IReadOnlyList<string> Accounts { get; }

    /// <summary>A bond that is subscribed to and released repeatedly.</summary>
    public string Churned { get; }

    /// <summary>Registrations, without <see cref="Churned"/>.</summary>
    public int Registrations => Bonds.Count + Indices.Count + (3 * Stocks.Count) + Accounts.Count;

    /// <summary>Creates the plan for a number of sessions: 59 registrations, or 37 for one session.</summary>
    public static SubscriptionPlan For(int sessions) => sessions == 1 ? new(14, 5, 2, 12) : new(24, 8, 3, 18);

    /// <summary>The HTS ID of an account, counted from 1.</summary>
    public static string Account(int number) => string.Create(CultureInfo.InvariantCulture, $"soak{number:D2}");

    private static string[] Keys(int count, Func<int, string> key) => [.. Enumerable.Range(1, count).Select(key)];
}

/// <summary>Converts frames to market events.</summary>
/// <remarks>
/// The simulator combines up to twenty records of a feed within 50 milliseconds into one frame; notices are sent separately. The ratio was
/// measured and includes the losses by faults.
/// </remarks>
internal static class EventRate
{
    private const double EventsPerFrame = 4.1;

    /// <summary>The approximate number of market events per second for a rate of frames.</summary>
    public static double For(SoakOptions options) => options.Rate * EventsPerFrame;
}
