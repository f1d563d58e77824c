using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>The texts and results of the broker's refusals.</summary>
internal static class Refusal
{
    public static string TextOf(BrokerCode code) => code.Value switch
    {
        "OPSP0002" => "ALREADY IN SUBSCRIBE",
        "OPSP0003" => "UNSUBSCRIBE ERROR (not found!)",
        "OPSP0007" => "SUBSCRIBE INTERNAL ERROR",
        "OPSP0008" => "MAX SUBSCRIBE OVER",
        "OPSP0009" => "SUBSCRIBE ERROR : mci send failed",
        "OPSP0010" => "SUBSCRIBE WARNING : invalid appkey",
        "OPSP0011" => "invalid approval(appkey) : NOT FOUND",
        "OPSP0017" => "ERROR : htsid가잘못되었습니다",
        "OPSP8991" => "SUBSCRIBE ERROR : invalid tr_id",
        "OPSP8992" => "SUBSCRIBE ERROR : invalid tr_key",
        "OPSP8996" => "ALREADY IN USE appkey",
        "OPSP8997" => "JSON PARSING ERROR : invalid tr_type",
        "OPSP8998" => "JSON PARSING ERROR : invalid custtype",
        "OPSP9990" => "JSON PARSING ERROR : tr_key not found",
        "OPSP9991" => "JSON PARSING ERROR : input not found",
        "OPSP9992" => "JSON PARSING ERROR : body not found",
        "OPSP9996" => "JSON PARSING ERROR : appkey not found",
        "OPSP9997" => "JSON PARSING ERROR : custtype not found",
        "OPSP9998" => "JSON PARSING ERROR : header not found",
        "OPSP9999" => "JSON PARSING ERROR : invalid json format",
        _ => "JSON PARSING ERROR : internal error",
    };

    /// <summary>Whether a refusal with this code names the registration.</summary>
    public static bool NamesRequest(BrokerCode code) =>
        code.Meaning is not (BrokerCodeMeaning.AppKeyInUse or BrokerCodeMeaning.BadCredentials or BrokerCodeMeaning.UnknownApprovalKey
            or BrokerCodeMeaning.WrongHtsId or BrokerCodeMeaning.MalformedRequest);

    /// <summary>
    /// The result (<c>rt_cd</c>) that goes with a code: 1 if the request is valid but was not executed, 9 if it is invalid.
    /// </summary>
    public static string ResultOf(BrokerCode code) => code.Value switch
    {
        "OPSP0017" => "9",
        ['O', 'P', 'S', 'P', '0', ..] => "1",
        _ => "9",
    };
}
