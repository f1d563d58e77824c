using KisFeed.Wire.Control;

namespace KisFeed.Cli.Decoding;

/// <summary>Writes a control message found among frames as JSON, without key material.</summary>
internal static class ControlJson
{
    public static void Write(LineBuffer output, ControlMessage message, NameStyle names)
    {
        var kis = names == NameStyle.Kis;
        var json = output.BeginObject();
        switch (message)
        {
            case Heartbeat heartbeat:
                json.WriteString("control"u8, "heartbeat"u8);
                json.WriteString("datetime"u8, heartbeat.DateTime);
                break;
            case BrokerReply reply:
                json.WriteString("control"u8, "reply"u8);
                json.WriteString(kis ? "tr_id"u8 : "trId"u8, reply.TrId);
                json.WriteString(kis ? "tr_key"u8 : "trKey"u8, reply.TrKey);
                json.WriteString(kis ? "rt_cd"u8 : "resultCode"u8, reply.ResultCode);
                json.WriteString(kis ? "msg_cd"u8 : "code"u8, reply.Code.Value);
                json.WriteString(kis ? "msg1"u8 : "text"u8, reply.Text);
                break;
        }

        output.EndObject();
    }
}
