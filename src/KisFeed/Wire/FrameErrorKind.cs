namespace KisFeed.Wire;

/// <summary>The kinds of errors in a frame or a record.</summary>
public enum FrameErrorKind
{
    /// <summary>No error.</summary>
    None,

    /// <summary>The message is empty.</summary>
    Empty,

    /// <summary>The message begins with neither <c>0</c>, <c>1</c> nor <c>{</c>.</summary>
    UnknownFlag,

    /// <summary>One of the three <c>|</c> of <c>flag|TR_ID|count|payload</c> is missing.</summary>
    MissingSeparator,

    /// <summary>The TR ID is empty, too long, or contains other characters than letters and digits.</summary>
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

    /// <summary>A number has more digits than its type can hold.</summary>
    NumberOutOfRange,

    /// <summary>A time column does not hold <c>HHMMSS</c>.</summary>
    InvalidTime,

    /// <summary>A date column does not hold <c>YYYYMMDD</c>.</summary>
    InvalidDate,

    /// <summary>A code column holds more than eight characters, or characters that are not ASCII.</summary>
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

    /// <summary>A plaintext order notice names a customer that is not one of the registered HTS IDs, so its owner is unknown.</summary>
    UnknownCustomer,

    /// <summary>A control message is not JSON of the expected form.</summary>
    InvalidControlMessage,
}
