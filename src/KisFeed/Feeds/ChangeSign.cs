namespace KisFeed.Feeds;

/// <summary>
/// The direction of a change against the previous close (전일 대비 부호). The amount beside it is already signed.
/// Values are the characters of the broker's codes; codes that are not listed are kept.
/// </summary>
public enum ChangeSign : ulong
{
    /// <summary>At the daily upper limit (상한).</summary>
    UpperLimit = '1',

    /// <summary>Up (상승).</summary>
    Up = '2',

    /// <summary>Unchanged (보합).</summary>
    Unchanged = '3',

    /// <summary>At the daily lower limit (하한).</summary>
    LowerLimit = '4',

    /// <summary>Down (하락).</summary>
    Down = '5',
}
