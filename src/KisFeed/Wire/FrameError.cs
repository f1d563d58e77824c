namespace KisFeed.Wire;

/// <summary>
/// The error in a frame and its position. Contains nothing of the frame's content, so that it can be logged even for order notices.
/// </summary>
/// <param name="Kind">The kind of the error.</param>
/// <param name="Position">The byte offset of the error in the frame (in its decrypted form if it was encrypted).</param>
public readonly record struct FrameError(FrameErrorKind Kind, int Position)
{
    /// <summary>The 0-based record in the frame, or -1 if the error concerns the whole frame.</summary>
    public int Record { get; init; } = -1;

    /// <summary>The column of the error, if it concerns one.</summary>
    public Column? Column { get; init; }

    /// <summary>The number of fields found in the payload, if that is the error.</summary>
    public int Fields { get; init; }

    /// <summary>The number of records announced by the frame, if that is the error.</summary>
    public int Count { get; init; }

    /// <summary>Describes the error and its position in one sentence.</summary>
    public override string ToString()
    {
        var what = Kind switch
        {
            FrameErrorKind.None => "no error",
            FrameErrorKind.Empty => "the message is empty",
            FrameErrorKind.UnknownFlag => "the message begins with neither 0, 1 nor {",
            FrameErrorKind.MissingSeparator => "a '|' of flag|TR_ID|count|payload is missing",
            FrameErrorKind.InvalidTrId => "the TR ID is not 1 to 16 letters and digits",
            FrameErrorKind.InvalidCount => "the record count is not a positive number",
            FrameErrorKind.UnknownTrId => "no layout is known for the TR ID",
            FrameErrorKind.TooFewFields => $"{Fields} fields are too few for {Count} record(s) of this feed",
            FrameErrorKind.UnevenFields => $"{Fields} fields do not divide into {Count} records",
            FrameErrorKind.InvalidNumber => "not a number",
            FrameErrorKind.NumberOutOfRange => "the number has more digits than can be kept",
            FrameErrorKind.InvalidTime => "not a time of the form HHMMSS",
            FrameErrorKind.InvalidDate => "not a date of the form YYYYMMDD",
            FrameErrorKind.InvalidCode => "not a code of 1 to 8 ASCII characters",
            FrameErrorKind.InvalidUtf8 => "not valid UTF-8",
            FrameErrorKind.TooLong => "the message is longer than the limit",
            FrameErrorKind.NoNoticeKey => "the frame is encrypted and there is no key for its TR ID",
            FrameErrorKind.InvalidNoticeKey => "the notice key is not 32 bytes or its IV not 16",
            FrameErrorKind.InvalidBase64 => "the encrypted payload is not base64",
            FrameErrorKind.InvalidCipherLength => "the cipher text is not a whole number of AES blocks",
            FrameErrorKind.WrongNoticeKey => "the payload does not decrypt: the key and IV are not those of this registration",
            FrameErrorKind.UnknownCustomer => "the notice names a customer that is not one of the registered HTS IDs",
            FrameErrorKind.InvalidControlMessage => "the control message is not JSON of the expected form",
            _ => Kind.ToString(),
        };

        return (Column, Record) switch
        {
            ({ Korean: "" } column, >= 0) => $"{column.Element} of record {Record + 1}: {what} (byte {Position})",
            ({ } column, >= 0) => $"{column.Element} ({column.Korean}) of record {Record + 1}: {what} (byte {Position})",
            (null, >= 0) => $"record {Record + 1}: {what} (byte {Position})",
            _ => $"{what} (byte {Position})",
        };
    }
}
