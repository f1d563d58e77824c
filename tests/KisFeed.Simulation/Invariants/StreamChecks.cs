using System.Buffers.Text;
using System.Text;
using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Client;
using KisFeed.Wire;

namespace KisFeed.Simulation.Invariants;

/// <summary>
/// Checks that subscribers of a registration receive each record once, in order, and are notified of every record that they miss.
/// </summary>
internal static class StreamChecks
{
    /// <summary>Called when a frame is delivered.</summary>
    public static void OnFrame(SimulatedSession session, Registration registration, in DataFrame frame, in FrameShape shape)
    {
        var subscribers = Subscribers.Of(registration);
        Span<int> buffer = stackalloc int[RecordReader.ScratchLength(shape)];
        var reader = new RecordReader(frame, shape, buffer);
        var own = 0;
        while (reader.MoveNext())
        {
            var record = reader.Current;
            if (!record[0].SequenceEqual(registration.KeyUtf8))
                continue;
            own++;
            var address = Encoding.ASCII.GetString(record[SimulatedFeeds.AddressColumn].TrimEnd((byte)' '));
            Invariant.Holds(
                address == $"{session.Number}/{session.Connection!.Number}",
                "own data",
                $"{registration} of connection {session.Connection} is given a record that was sent to {address}");
            Invariant.Holds(
                Utf8Parser.TryParse(record[SimulatedFeeds.NumberColumn], out long number, out _),
                "own data",
                $"{registration} is given a record without a number");
            if (subscribers is not null)
                OnRecord(registration, subscribers, number);
        }

        Invariant.Holds(own > 0, "own data", $"{registration} is given a frame without a record of its own");
    }

    /// <summary>Called when the subscribers are notified that data may be missing.</summary>
    public static void OnInterrupted(Registration registration, GapReason cause, SimulatedSession session)
    {
        var subscribers = Subscribers.Of(registration);
        Invariant.Holds(
            subscribers is { Count: > 0, IsTracking: true },
            "gaps have causes",
            $"{registration} is interrupted although it was never confirmed");
        Invariant.Holds(!subscribers.IsEvicted, "gaps have causes", $"{registration} is interrupted while it is evicted");
        Invariant.Holds(
            !subscribers.IsInterrupted || subscribers.IsRestored,
            "gaps have causes",
            $"{registration} is interrupted twice, without data or a confirmation between");
        Invariant.Holds(
            cause != GapReason.Renewed || subscribers.IsReleaseSent,
            "gaps have causes",
            $"{registration} is interrupted as if it had been renewed");
        Invariant.Holds(
            cause != GapReason.Moved || subscribers.Session != session,
            "gaps have causes",
            $"{registration} is interrupted as if it had been moved");
        subscribers.IsInterrupted = true;
        subscribers.IsRestored = false;
    }

    /// <summary>Called when the subscribers are notified that the registration is evicted.</summary>
    public static void OnEvicted(Registration registration)
    {
        var subscribers = Subscribers.Of(registration);
        Invariant.Holds(
            subscribers is { Count: > 0, IsTracking: true },
            "evictions are told",
            $"{registration} is evicted although it was never confirmed");
        subscribers.IsEvicted = true;
        subscribers.IsInterrupted = true;
        subscribers.IsRestored = false;
        subscribers.PreviousSessions.Clear();
        subscribers.MayMove = true;
    }

    private static void OnRecord(Registration registration, Subscribers subscribers, long number)
    {
        Invariant.Holds(!subscribers.IsEvicted, "no data while evicted", $"{registration} is evicted and is given record {number}");
        if (subscribers.Last is { } last)
        {
            Invariant.Holds(number > last, "once and in order", $"{registration} is given record {number} after record {last}");
            Invariant.Holds(
                number == last + 1 || !subscribers.IsTracking || subscribers.IsInterrupted || subscribers.IsWarned,
                "no silent gap",
                $"{registration} is given record {number} after record {last}, and no missed record was reported");
        }

        subscribers.Last = number;
        subscribers.IsInterrupted = false;
        subscribers.IsWarned = false;
    }
}
