using System.Text;
using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>
/// Whose an order notice says that it is. In the service that shows by the key under which it is encrypted; where that is gone, there is the customer in the
/// notice's first column, in a spelling that need not be that of the HTS ID.
/// </summary>
internal static class NoticeCustomer
{
    /// <summary>The customer of a notice in plain form; <see langword="null"/> where it cannot be read.</summary>
    public static string? Of(FeedCatalog catalog, ReadOnlySpan<byte> bytes)
    {
        if (!DataFrame.TryParse(bytes, out var frame, out _) || !catalog.TryGet(frame.TrId, out var feed) || !feed.TryResolve(frame, out var shape, out _))
            return null;
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        return reader.MoveNext() ? Encoding.UTF8.GetString(FieldText.Trim(reader.Current[feed.KeyColumn])) : null;
    }
}
