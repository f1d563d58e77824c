using KisFeed.Capture;
using KisFeed.Server;
using KisFeed.Wire;

namespace KisFeed.Replay;

/// <summary>
/// Says whose an order notice is. In the service that shows by the key under which it is encrypted, of which a capture holds nothing. What it holds is
/// the customer in the notice's first column, in a spelling that need not be that of the HTS ID, and the HTS IDs that the recorder was registered for.
/// </summary>
/// <remarks>
/// A notice is for those who are registered with its customer as their HTS ID. Where there are none, and the recorder was registered for one HTS ID
/// alone, it is for everybody who is registered for notices, whichever HTS ID they name: there is only one whose notices they can mean. Else it
/// is for nobody, rather than for somebody else.
/// </remarks>
internal sealed class NoticeOwners
{
    private readonly FeedCatalog _catalog;
    private readonly HashSet<string> _recordedForOne;

    /// <summary>Knows the feeds whose notices were recorded for one HTS ID alone.</summary>
    internal NoticeOwners(FeedCatalog catalog, HashSet<string> recordedForOne)
    {
        _catalog = catalog;
        _recordedForOne = recordedForOne;
    }

    /// <summary>Reads the capture's notice files, which are short, for whom they were recorded.</summary>
    public static async Task<NoticeOwners> ReadAsync(CaptureReader capture, CancellationToken cancellationToken)
    {
        var catalog = capture.Options.Catalog;
        var keys = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        string[] files = [.. capture.Files.Where(file => file.TrId is { } trId && catalog.TryFind(trId, out var feed) && feed.IsNotice).Select(file => file.Path)];
        if (files.Length > 0)
        {
            var notices = CaptureReader.Open(files, capture.Options with { From = null, To = null, TrIds = [] });
            await foreach (var item in notices.ReadItemsAsync(null, cancellationToken).ConfigureAwait(false))
            {
                if (item.Event is { } happened && (happened.TrId ?? item.File.TrId) is { } trId)
                    Add(trId, happened);
            }
        }

        return new NoticeOwners(catalog, [.. keys.Where(pair => pair.Value.Count == 1).Select(pair => pair.Key)]);

        void Add(string trId, CaptureEvent happened)
        {
            if (!keys.TryGetValue(trId, out var ofFeed))
                keys.Add(trId, ofFeed = new HashSet<string>(StringComparer.Ordinal));
            ofFeed.UnionWith(happened.Keys);
            if (happened is { Kind: CaptureEventKind.Registered, Key: { } key })
                ofFeed.Add(key);
        }
    }

    /// <summary>Whether a feed is one of order notices.</summary>
    public bool IsNotice(string trId) => _catalog.TryFind(trId, out var feed) && feed.IsNotice;

    /// <summary>Whether a frame is a notice in plain form, so that it matters whose it is.</summary>
    public bool IsPlainNotice(in ReplayFrame frame) =>
        frame.Bytes.Span is [(byte)'0', ..] && IsNotice(frame.TrId);

    /// <summary>Whose a notice is; <see langword="false"/> where it is nobody's who is registered.</summary>
    /// <param name="notice">The notice.</param>
    /// <param name="registrations">Who is registered.</param>
    /// <param name="key">The HTS ID; <see langword="null"/> for whichever.</param>
    public bool TryFind(in ReplayFrame notice, FrameDispatcher registrations, out string? key)
    {
        key = NoticeCustomer.Of(_catalog, notice.Bytes.Span);
        if (key is not null && registrations.Has(notice.TrId, key))
            return true;
        key = null;
        return _recordedForOne.Contains(notice.TrId);
    }
}
