namespace KisFeed.Feeds;

/// <summary>
/// The direction of a change against the previous close (전일 대비 부호). The amount in the neighbouring column is already signed. Values are the
/// characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum ChangeSign : ulong
{
    /// <summary>At the daily upper limit.</summary>
    [CodeName("상한")]
    UpperLimit = '1',

    /// <summary>Up.</summary>
    [CodeName("상승")]
    Up = '2',

    /// <summary>Unchanged.</summary>
    [CodeName("보합")]
    Unchanged = '3',

    /// <summary>At the daily lower limit.</summary>
    [CodeName("하한")]
    LowerLimit = '4',

    /// <summary>Down.</summary>
    [CodeName("하락")]
    Down = '5',
}
