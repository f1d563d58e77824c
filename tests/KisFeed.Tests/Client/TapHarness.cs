using KisFeed.Client;

namespace KisFeed.Tests.Client;

/// <summary>
/// A queue with a registration for each key. A frame contains its number and is received that many seconds after the start.
/// </summary>
internal sealed class TapHarness
{
    /// <summary>The start.</summary>
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 0, 12, 40, TimeSpan.Zero);

    private readonly Dictionary<string, TapRegistration> _registrations;

    public TapHarness(params string[] keys)
        : this(1_000, 1 << 20, keys)
    {
    }

    public TapHarness(int capacity, long maxBytes, params string[] keys)
    {
        Queue = new TapQueue(new FrameTapOptions { Capacity = capacity, MaxBytes = maxBytes }, new ReceiveClock(TimeProvider.System));
        _registrations = keys.ToDictionary(
            k => k,
            k => new TapRegistration(Queue, IndexTrade.Feed.Schema, k, new FeedTotals(), h => Ended.Add(h.Key)),
            StringComparer.Ordinal);
    }

    public TapQueue Queue { get; }

    public List<string> Ended { get; } = [];

    public TapRegistration RegistrationOf(string key) => _registrations[key];

    public void Confirm(string key) => RegistrationOf(key).Confirm("1", Start);

    public void Write(int number, params string[] keys) => Write(number, 0, keys);

    public void Write(int number, int padding, params string[] keys)
    {
        byte[] bytes = [.. BitConverter.GetBytes(number), .. new byte[padding]];
        foreach (var key in keys)
            RegistrationOf(key).Write(bytes, default, Start.AddSeconds(number));
        Queue.EndFrame(bytes, default, Start.AddSeconds(number));
    }

    public void WriteMalformed(int number, params string[] keys) => WriteMalformed(number, 4, keys);

    public void WriteMalformed(int number, int length, params string[] keys)
    {
        var malformed = new MalformedFrame { Error = default, Raw = new byte[length], ReceivedAt = Start.AddSeconds(number) };
        foreach (var key in keys)
            RegistrationOf(key).Write(malformed);
        Queue.EndFrame(malformed);
    }

    /// <summary>Reads everything, but the announcements of first frames only if asked to.</summary>
    public List<string> Drain(bool hasFirstFrames = false)
    {
        var items = new List<string>();
        while (Queue.TryRead(out var item))
        {
            if (item.Event is FirstFrame && !hasFirstFrames)
                continue;
            items.Add(item.Event switch
            {
                null => BitConverter.ToInt32(item.Text).ToString(CultureInfo.InvariantCulture),
                MalformedFrame => "malformed",
                Gap gap => $"gap {gap.Key} {gap.Reason} {SecondsOf(gap.From)}-{SecondsOf(gap.To)} frames {gap.Frames}",
                Interruption interruption => $"interruption {interruption.Key} {interruption.Reason} {SecondsOf(interruption.At)}",
                FirstFrame first => $"first {first.Key} {SecondsOf(first.At)}",
                RegistrationConfirmed confirmed => $"confirmed {confirmed.Key}",
                RegistrationReleased released => $"released {released.Key}",
                RegistrationRefused refused => $"refused {refused.Key} {refused.Problem}",
                _ => $"{item.Event}",
            });
        }

        return items;
    }

    private static double? SecondsOf(DateTimeOffset? moment) => (moment - Start)?.TotalSeconds;
}
