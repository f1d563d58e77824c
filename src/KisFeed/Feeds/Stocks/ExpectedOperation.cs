namespace KisFeed.Feeds;

/// <summary>
/// When expected prices begin and end (예상장운영구분코드).
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum ExpectedOperation : ulong
{
    /// <summary>112: expected prices before the opening end.</summary>
    [CodeName("장전예상종료")]
    PreOpenEnd = ('1' << 16) | ('1' << 8) | '2',

    /// <summary>121: expected prices before the close begin.</summary>
    [CodeName("장후예상시작")]
    PostCloseStart = ('1' << 16) | ('2' << 8) | '1',

    /// <summary>129: expected prices before the close end.</summary>
    [CodeName("장후예상종료")]
    PostCloseEnd = ('1' << 16) | ('2' << 8) | '9',

    /// <summary>311: expected prices before the opening, or in a volatility interruption, begin.</summary>
    [CodeName("장전예상시작")]
    PreOpenStart = ('3' << 16) | ('1' << 8) | '1',
}
