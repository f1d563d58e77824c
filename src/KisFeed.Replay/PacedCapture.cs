using System.Runtime.CompilerServices;
using KisFeed.Capture;

namespace KisFeed.Replay;

/// <summary>Reads a capture at the pace at which it was received, without a server.</summary>
public static class PacedCapture
{
    /// <summary>
    /// Everything in a capture in the order of receipt, frames not before their time has come since the first was read. Whoever is late gets what has fallen due at once; nothing is
    /// left out. Events and problems come with the frames behind them.
    /// </summary>
    /// <param name="capture">The capture.</param>
    /// <param name="speed">How many times as fast as it was received, at least 0.001; <see cref="ReplaySpeed.Unlimited"/> for without any waiting.</param>
    /// <param name="timeProvider">The clock. Default the system's.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentOutOfRangeException">The speed cannot be.</exception>
    public static IAsyncEnumerable<CaptureItem> ReadItemsAsync(CaptureReader capture, double speed, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capture);
        if (!ReplaySpeed.IsPossible(speed))
            throw new ArgumentOutOfRangeException(nameof(speed), speed, "a speed is at least 0.001");
        return ReadAsync(capture, speed, timeProvider ?? TimeProvider.System, cancellationToken);
    }

    private static async IAsyncEnumerable<CaptureItem> ReadAsync(CaptureReader capture, double speed, TimeProvider timeProvider, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var clock = new ReplayClock(speed, timeProvider);
        DateTimeOffset? beginning = null;
        await foreach (var item in capture.ReadItemsAsync(null, cancellationToken).ConfigureAwait(false))
        {
            if (item.IsFrame)
            {
                beginning ??= item.At;
                clock.Go();
                while (clock.Until(item.At - beginning.Value) is var wait && wait > TimeSpan.Zero)
                    await Task.Delay(wait, timeProvider, cancellationToken).ConfigureAwait(false);
            }

            yield return item;
        }
    }
}
