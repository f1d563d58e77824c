namespace KisFeed.Feeds;

/// <summary>
/// The random end of an auction (임의연장구분코드).
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum AuctionExtension : ulong
{
    /// <summary>1: set for the opening auction.</summary>
    [CodeName("시초동시 임의종료 지정")]
    OpeningSet = '1',

    /// <summary>2: released for the opening auction.</summary>
    [CodeName("시초동시 임의종료 해제")]
    OpeningReleased = '2',

    /// <summary>3: set for the closing auction.</summary>
    [CodeName("마감동시 임의종료 지정")]
    ClosingSet = '3',

    /// <summary>4: released for the closing auction.</summary>
    [CodeName("마감동시 임의종료 해제")]
    ClosingReleased = '4',

    /// <summary>5: set for the after-hours single price.</summary>
    [CodeName("시간외단일가임의종료 지정")]
    AfterHoursSet = '5',

    /// <summary>6: released for the after-hours single price.</summary>
    [CodeName("시간외단일가임의종료 해제")]
    AfterHoursReleased = '6',
}
