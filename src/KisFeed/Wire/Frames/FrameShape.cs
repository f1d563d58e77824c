namespace KisFeed.Wire;

/// <summary>How the records of one frame are laid out.</summary>
/// <param name="Layout">The revision that names the columns.</param>
/// <param name="Width">Columns of each record on the wire; more than the layout's where the broker has appended some.</param>
/// <param name="Count">Records in the frame.</param>
/// <param name="HasSurplusSeparator">Whether the frame ends with a separator that belongs to no record.</param>
public readonly record struct FrameShape(FeedLayout Layout, int Width, int Count, bool HasSurplusSeparator)
{
    /// <summary>Whether records are wider than any known revision, so that columns at their end have no name.</summary>
    public bool IsUnknownWidth => Width != Layout.Width;
}
