namespace KisFeed;

// Consumers of many registrations.
internal sealed partial class ClientRuntime
{
    /// <summary>A queue that frames and events are written into from now on.</summary>
    public TapQueue OpenTap(FrameTapOptions options)
    {
        var tap = new TapQueue(options, _options.TimeProvider, _pendingWakeups);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposing is not null, typeof(KisFeedClient));
            foreach (var session in _group.Sessions)
            {
                if (session.Phase == Session.SessionPhase.Open)
                    tap.Write(new SessionConnected { At = tap.Now, Session = session.Settings.Name });
            }

            _taps.Add(tap);
            EndTapsIfOver();
        }

        return tap;
    }

    /// <summary>Ends a tap; returns once what it held is released, where nobody else uses it.</summary>
    public async Task CloseTapAsync(TapQueue tap, IReadOnlyCollection<SubscriptionHandle> attachments)
    {
        List<Task> releases;
        lock (_gate)
        {
            releases = [.. attachments.Where(Detach).Select(a => a.Released.Task)];
            tap.Complete(null);
            _taps.Remove(tap);
        }

        await Task.WhenAll(releases).ConfigureAwait(false);
    }

    private void TellTaps(FeedEvent happened)
    {
        foreach (var tap in _taps)
            tap.Write(happened);
    }

    // Not before each registration has been told how it ended.
    private void EndTapsIfOver()
    {
        if (_taps.Count == 0 || !_ended.Task.IsFaulted || _group.Sessions.Any(s => s.Registrations.Count > 0))
            return;
        foreach (var tap in _taps)
            tap.Complete(_ended.Task.Exception!.InnerException);
    }
}
