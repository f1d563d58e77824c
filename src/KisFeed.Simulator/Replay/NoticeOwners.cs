using KisFeed.Capture;
using KisFeed.Server.Protocol;
using KisFeed.Wire;

namespace KisFeed.Simulator.Replay;

/// <summary>
/// Finds the owner of an order notice. On the wire the encryption key identifies the owner, but a capture contains no keys. It
/// contains the customer in the first column of the notice, whose spelling may differ from the HTS ID, and the HTS IDs for
/// which the recorder was registered.
/// </summary>
/// <remarks>
/// A notice goes to the registrations whose HTS ID is its customer. If there are none and the recorder was registered for a single HTS ID,
/// it goes to every registration for notices, whichever HTS ID they name, because only one account can be meant. Otherwise it goes to
/// nobody, so that it never reaches the wrong account.
/// </remarks>
internal sealed class NoticeOwners
{
    private readonly FeedCatalog _catalog;
    private readonly HashSet<string> _recordedForOne;

    /// <summary>Creates an instance from the feeds whose notices were recorded for a single HTS ID.</summary>
    internal NoticeOwners(FeedCatalog catalog, HashSet<string> recordedForOne)
    {
        _catalog = catalog;
        _recordedForOne = recordedForOne;
    }

    /// <summary>Reads from the capture's notice files, which are short, for which HTS IDs they were recorded.</summary>
    public static async Task<NoticeOwners> ReadAsync(CaptureReader capture, CancellationToken cancellationToken)
    {
        var catalog = capture.Options.Catalog;
        var keys = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        string[] files = [.. capture.Files.Where(file => file.TrId is { } trId && catalog.TryFind(trId, out var feed) && feed.IsNotice)
            .Select(file => file.Path)];
        if (files.Length > 0)
        {
            var notices = CaptureReader.Open(files, capture.Options with { From = null, To = null, TrIds = [] }, cancellationToken);
            await foreach (var item in notices.ReadItemsAsync(null, cancellationToken).ConfigureAwait(false))
            {
                if (item.Event is { } captureEvent && (captureEvent.TrId ?? item.File.TrId) is { } trId)
                    Add(trId, captureEvent);
            }
        }

        return new NoticeOwners(catalog, [.. keys.Where(pair => pair.Value.Count == 1).Select(pair => pair.Key)]);

        void Add(string trId, CaptureEvent captureEvent)
        {
            if (!keys.TryGetValue(trId, out var ofFeed))
                keys.Add(trId, ofFeed = new HashSet<string>(StringComparer.Ordinal));
            ofFeed.UnionWith(captureEvent.Keys);
            if (captureEvent is { Kind: CaptureEventKind.Registered, Key: { } key })
                ofFeed.Add(key);
        }
    }

    /// <summary>Whether a feed carries order notices.</summary>
    public bool IsNotice(string trId) => _catalog.TryFind(trId, out var feed) && feed.IsNotice;

    /// <summary>Whether a frame is a plaintext notice, which must go to its owner only.</summary>
    public bool IsPlainNotice(in ReplayFrame frame) =>
        frame.Bytes.Span is [(byte)'0', ..] && IsNotice(frame.TrId);

    /// <summary>Finds the owner of a notice. Returns <see langword="false"/> if no registration may get it.</summary>
    /// <param name="notice">The notice.</param>
    /// <param name="registrations">The current registrations.</param>
    /// <param name="key">The HTS ID, or <see langword="null"/> if the notice goes to all registrations of the feed.</param>
    public bool TryFind(in ReplayFrame notice, FrameDispatcher registrations, out string? key)
    {
        key = NoticeCustomer.Of(_catalog, notice.Bytes.Span);
        if (key is not null && registrations.Has(notice.TrId, key))
            return true;
        key = null;
        return _recordedForOne.Contains(notice.TrId);
    }
}
