namespace KisFeed.Replay;

/// <summary>One passage through a capture, from its first frame on.</summary>
internal sealed class CaptureCursor(IAsyncEnumerator<ReplayFrame> frames)
{
    private DateTimeOffset _beginning;

    /// <summary>The frame it has come to.</summary>
    public ReplayFrame Current => frames.Current;

    /// <summary>How long after the first frame the current one was received.</summary>
    public TimeSpan Position => frames.Current.At - _beginning;

    /// <summary>Frames behind it.</summary>
    public long Frames { get; private set; }

    /// <summary>Goes to the first frame; <see langword="false"/> where there is none.</summary>
    public async ValueTask<bool> TryBeginAsync()
    {
        if (!await frames.MoveNextAsync().ConfigureAwait(false))
            return false;
        _beginning = frames.Current.At;
        return true;
    }

    /// <summary>Goes to the next frame; <see langword="false"/> behind the last.</summary>
    public ValueTask<bool> MoveNextAsync()
    {
        if (frames.Current.Event is null)
            Frames++;
        return frames.MoveNextAsync();
    }
}
