using System.Globalization;

namespace KisFeed.Soak;

/// <summary>What is subscribed to.</summary>
/// <remarks>
/// Mostly bonds, whose every trade has a volume, so that a single lost record shows. Many accounts: their notices are the only records that travel
/// alone, and so make frames.
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

    /// <summary>A bond that is subscribed to and released again and again.</summary>
    public string Churned { get; }

    /// <summary>Registrations, without <see cref="Churned"/>.</summary>
    public int Registrations => Bonds.Count + Indices.Count + (3 * Stocks.Count) + Accounts.Count;

    /// <summary>As many as the places of so many sessions allow: 59, or 37 in one.</summary>
    public static SubscriptionPlan For(int sessions) => sessions == 1 ? new(14, 5, 2, 12) : new(24, 8, 3, 18);

    /// <summary>The HTS ID of an account, counted from 1.</summary>
    public static string Account(int number) => string.Create(CultureInfo.InvariantCulture, $"soak{number:D2}");

    private static string[] Keys(int count, Func<int, string> key) => [.. Enumerable.Range(1, count).Select(key)];
}

/// <summary>How many market events make a frame.</summary>
/// <remarks>
/// The simulator puts records of one feed that fall into the same 50 milliseconds into one frame, up to twenty; notices travel alone. So most events
/// make no frame of their own. How many do was measured, and what the faults keep from arriving is in it.
/// </remarks>
internal static class EventRate
{
    private const double EventsPerFrame = 4.1;

    /// <summary>Market events a second that bring as many frames a second as are asked for, about.</summary>
    public static double For(SoakOptions options) => options.Rate * EventsPerFrame;
}
