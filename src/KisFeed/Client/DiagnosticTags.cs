using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>The tags of measurements and activities. None has a key of a registration, nor anything secret.</summary>
internal static class DiagnosticTags
{
    public const string Client = "kisfeed.client";
    public const string Session = "kisfeed.session";
    public const string Feed = "kisfeed.feed";
    public const string Phase = "kisfeed.phase";
    public const string Reason = "kisfeed.reason";
    public const string Outcome = "kisfeed.outcome";
    public const string BrokerCode = "kisfeed.broker.code";
    public const string FreshApprovalKey = "kisfeed.approval_key.fresh";
    public const string Url = "url.full";
    public const string ErrorType = "error.type";

    private const string OtherCode = "other";

    /// <summary>A value of an enum as tags have it, e.g. <c>connection_lost</c>.</summary>
    public static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>A code of the documented form; whatever else a server sends as one may be anything, and of any number.</summary>
    public static string Name(BrokerCode code) =>
        code.Value is ['O', 'P', 'S', 'P', .. { Length: 4 } digits] && digits.All(char.IsAsciiDigit) ? code.Value : OtherCode;
}
