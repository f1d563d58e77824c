using System.Text;
using KisFeed.Wire;

namespace KisFeed.Simulation.Broker;

/// <summary>Answers and heartbeats as the server writes them.</summary>
internal static class ReplyText
{
    public static ServerMessage Of(Answer answer)
    {
        var header = answer.Request is { } topic ? $$"""{"tr_id":"{{topic.Feed.TrId}}","tr_key":"{{topic.Key}}","encrypt":"N"}""" : """{"tr_id":"(null)","tr_key":"","encrypt":"N"}""";
        var output = answer.Granted is { } granted ? $$""","output":{"iv":"{{granted.Iv}}","key":"{{granted.Key}}"}""" : "";
        var result = answer.IsSuccess ? "0" : answer.Code == BrokerCode.AlreadySubscribed ? "1" : "9";
        return new ServerMessage(Encoding.UTF8.GetBytes($$$"""{"header":{{{header}}},"body":{"rt_cd":"{{{result}}}","msg_cd":"{{{answer.Code.Value}}}","msg1":"TEXT"{{{output}}}}}""")) { Answer = answer };
    }

    public static ServerMessage Heartbeat(long number) =>
        new(Encoding.UTF8.GetBytes($$$"""{"header":{"tr_id":"PINGPONG","datetime":"{{{20261120000000 + (number % 1_000_000)}}}"}}""")) { IsHeartbeat = true };
}
