using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>Begins deliveries with what came last, so that nothing is missing between that and what follows, and nothing comes twice.</summary>
/// <param name="items">What comes from upstream.</param>
/// <param name="frames">What came last; to be among the sinks of <paramref name="items"/>.</param>
/// <param name="side">What brings the frames that follow; likewise.</param>
internal sealed class Snapshots(HubFanOut items, LastFrames frames, BrokerDispatcher side)
{
    /// <summary>Sends the last frame of a registration's key, where there is one, and begins to deliver. Of order notices there never is.</summary>
    public void Begin(Registration registration) => items.Between(() =>
    {
        side.OnPause();
        if (frames.Find(new HubKey(registration.TrId, registration.TrKey)) is { Bytes.IsEmpty: false } last)
            registration.Output.Send(last.Bytes.Span, records: 1);
        side.Add(registration);
    });
}
