using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Makes the bars of one key, one after the other.</summary>
internal interface IKeyBars
{
    /// <summary>Data are missing from here on.</summary>
    void Mark();

    /// <summary>Takes a record.</summary>
    void Add(in RecordFields fields, DateTimeOffset receivedAt);

    /// <summary>The capture has ended.</summary>
    void End();
}
