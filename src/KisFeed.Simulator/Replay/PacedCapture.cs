using System.Runtime.CompilerServices;
using KisFeed.Capture;

namespace KisFeed.Simulator.Replay;

/// <summary>Reads a capture at the pace at which it was received, without a server.</summary>
public static class PacedCapture
{
    /// <summary>
    /// Reads all items of a capture in the order of receipt, each frame when it is due, counted from the first. If the caller is late, it
    /// gets all due items immediately; nothing is skipped. Events and problems are returned together with the frame that follows them.
    /// </summary>
    /// <param name="capture">The capture.</param>
    /// <param name="speed">The factor of the original speed, at least 0.001; <see cref="ReplaySpeed.Unlimited"/> for no waiting.</param>
    /// <param name="timeProvider">The clock. Default: the system clock.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="ArgumentOutOfRangeException">The speed is less than 0.001.</exception>
    public static IAsyncEnumerable<CaptureItem> ReadItemsAsync(
        CaptureReader capture, double speed, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capture);
        if (!ReplaySpeed.IsValid(speed))
            throw new ArgumentOutOfRangeException(nameof(speed), speed, "The speed must be at least 0.001.");
        return ReadAsync(capture, speed, timeProvider ?? TimeProvider.System, cancellationToken);
    }

    private static async IAsyncEnumerable<CaptureItem> ReadAsync(
        CaptureReader capture, double speed, TimeProvider timeProvider, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var clock = new ReplayClock(speed, timeProvider);
        DateTimeOffset? beginning = null;
        await foreach (var item in capture.ReadItemsAsync(null, cancellationToken).ConfigureAwait(false))
        {
            if (item.IsFrame)
            {
                beginning ??= item.At;
                clock.Start();
                while (clock.Until(item.At - beginning.Value) is var wait && wait > TimeSpan.Zero)
                    await Task.Delay(wait, timeProvider, cancellationToken).ConfigureAwait(false);
            }

            yield return item;
        }
    }
}
