namespace KisFeed.Wire;

/// <summary>What is wrong with a frame or a record in it.</summary>
public enum FrameErrorKind
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The message is empty.</summary>
    Empty,

    /// <summary>The message begins with neither <c>0</c>, <c>1</c> nor <c>{</c>.</summary>
    UnknownFlag,

    /// <summary>One of the three <c>|</c> of <c>flag|TR_ID|count|payload</c> is missing.</summary>
    MissingSeparator,

    /// <summary>The TR ID is empty, too long, or not of letters and digits.</summary>
    InvalidTrId,

    /// <summary>The record count is not a positive decimal number.</summary>
    InvalidCount,

    /// <summary>No layout is known for the TR ID.</summary>
    UnknownTrId,

    /// <summary>Records have fewer columns than any known layout of the feed.</summary>
    TooFewFields,

    /// <summary>The fields do not divide by the record count.</summary>
    UnevenFields,

    /// <summary>A numeric column does not hold a number.</summary>
    InvalidNumber,

    /// <summary>A number has more digits than its type can keep.</summary>
    NumberOutOfRange,

    /// <summary>A time column does not hold <c>HHMMSS</c>.</summary>
    InvalidTime,

    /// <summary>A code column holds more than eight characters, or some that are not ASCII.</summary>
    InvalidCode,

    /// <summary>A text is not valid UTF-8.</summary>
    InvalidUtf8,

    /// <summary>The message is longer than the configured limit.</summary>
    TooLong,

    /// <summary>The frame is encrypted and no registration has a key for its TR ID.</summary>
    NoNoticeKey,

    /// <summary>The key is not 32 bytes or the IV not 16.</summary>
    InvalidNoticeKey,

    /// <summary>The encrypted payload is not base64.</summary>
    InvalidBase64,

    /// <summary>The cipher text is empty or not a whole number of AES blocks.</summary>
    InvalidCipherLength,

    /// <summary>The padding or the text after decryption is wrong: the key or the IV belongs to another registration.</summary>
    WrongNoticeKey,

    /// <summary>An order notice in plain form names a customer that is none of the HTS IDs registered, so its owner is not known.</summary>
    UnknownCustomer,

    /// <summary>A control message is not JSON of the expected form.</summary>
    InvalidControlMessage,
}
