using System.Text;
using KisFeed.Simulation.Plans;

namespace KisFeed.Simulation.Broker;

/// <summary>Makes what cannot be read, or only in part.</summary>
internal static class Spoiler
{
    private static readonly string[] s_garbage =
    [
        "", "x", "{", "{}", """{"header":{"tr_id":"SIMTRD"},"body":7}""", "0|", "0|SIMTRD", "0|SIMTRD|abc|x", "0|SIMTRD|000|x", "0|SIMTRD|002|a^b^c",
        "0|SIMTRD|001|K1", "0|NOSUCH|001|a^b^c", "1|SIMORD|001|AAAA", "1|SIMORD|001|!", "2|SIMTRD|001|a^b^c",
    ];

    public static ServerMessage Garbage(Chance chance) => new(Encoding.UTF8.GetBytes(chance.Of(s_garbage))) { IsOversized = chance.Hits(0.1) };

    /// <summary>What stands behind the records of a frame: a separator too many or a column more, which is no harm, or a field, which is.</summary>
    public static string Tail(FrameContent content, Chance chance, out bool isSpoilt)
    {
        isSpoilt = false;
        if (content.Topics.Count == 1)
            return chance.Hits(0.5) ? "^extra" : content.EncryptedFor is null ? "^" : "";
        isSpoilt = chance.Hits(0.5);
        return isSpoilt ? "^surplus" : "^";
    }
}
