// As much of UnityEngine as the package uses, to compile it and to run its logic without Unity. What these do is
// written from Unity's manual; it proves nothing about Unity itself. Members throw away from the main thread.
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class AddComponentMenu : Attribute { public AddComponentMenu(string path) { } }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DisallowMultipleComponent : Attribute { }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class TooltipAttribute : Attribute { public TooltipAttribute(string text) { } }

    public static class Debug
    {
        public static readonly List<string> Errors = new List<string>();
        public static readonly List<string> Warnings = new List<string>();
        public static void LogError(object message, Object context) { Errors.Add(message.ToString()); }
        public static void LogWarning(object message, Object context) { Warnings.Add(message.ToString()); }
    }

    public class Object
    {
        string _name = "";

        public bool IsDestroyed { get; private set; }

        public string name
        {
            get { MainThread.Check(); return _name; }
            set { MainThread.Check(); _name = value; }
        }

        protected void CheckAlive()
        {
            MainThread.Check();
            if (IsDestroyed) { throw new UnityException("The object has been destroyed"); }
        }

        public static void Destroy(Object one)
        {
            MainThread.Check();
            one.IsDestroyed = true;
        }

        public static bool operator ==(Object a, Object b)
        {
            MainThread.Check();
            bool noA = ReferenceEquals(a, null) || a.IsDestroyed;
            bool noB = ReferenceEquals(b, null) || b.IsDestroyed;
            return noA || noB ? noA && noB : ReferenceEquals(a, b);
        }

        public static bool operator !=(Object a, Object b) { return !(a == b); }
        public override bool Equals(object other) { return ReferenceEquals(this, other); }
        public override int GetHashCode() { return base.GetHashCode(); }
    }

    public class Component : Object
    {
        internal readonly List<Component> Siblings = new List<Component>();
        internal Transform Place;

        public Transform transform { get { MainThread.Check(); return Place; } }

        public T GetComponent<T>() where T : class
        {
            MainThread.Check();
            foreach (Component one in Siblings) { if (one is T) { return one as T; } }
            return null;
        }
    }

    public class Behaviour : Component { }

    public class MonoBehaviour : Behaviour { }

    public sealed class Transform : Component
    {
        Quaternion _turn = Quaternion.identity;
        Vector3 _at;
        Transform _parent;

        public Transform parent
        {
            get { MainThread.Check(); return _parent; }
            set { MainThread.Check(); _parent = value; }
        }

        public Quaternion localRotation
        {
            get { MainThread.Check(); return _turn; }
            set { MainThread.Check(); _turn = value; }
        }

        public Vector3 localPosition
        {
            get { MainThread.Check(); return _at; }
            set { MainThread.Check(); _at = value; }
        }

        public Quaternion rotation { get { return parent == null ? _turn : _parent.rotation * _turn; } }

        public Vector3 position { get { return parent == null ? _at : _parent.position + _parent.rotation * _at; } }
    }

    public class Renderer : Component
    {
        public readonly Dictionary<string, object> Block = new Dictionary<string, object>();

        public void GetPropertyBlock(MaterialPropertyBlock block)
        {
            MainThread.Check();
            block.Values.Clear();
            foreach (var pair in Block) { block.Values[pair.Key] = pair.Value; }
        }

        public void SetPropertyBlock(MaterialPropertyBlock block)
        {
            MainThread.Check();
            Block.Clear();
            foreach (var pair in block.Values) { Block[pair.Key] = pair.Value; }
        }
    }

    public sealed class MaterialPropertyBlock
    {
        internal readonly Dictionary<string, object> Values = new Dictionary<string, object>();

        public void SetTexture(int id, Texture texture) { MainThread.Check(); Values[Shader.Names[id]] = texture; }
        public void SetVector(int id, Vector4 vector) { MainThread.Check(); Values[Shader.Names[id]] = vector; }
    }

    public static class Shader
    {
        internal static readonly List<string> Names = new List<string>();

        public static int PropertyToID(string name)
        {
            MainThread.Check();
            if (!Names.Contains(name)) { Names.Add(name); }
            return Names.IndexOf(name);
        }
    }

    public sealed class Mesh : Object
    {
        public string[] Shapes = new string[0];

        public int blendShapeCount { get { MainThread.Check(); return Shapes.Length; } }
        public string GetBlendShapeName(int shape) { MainThread.Check(); return Shapes[shape]; }
    }

    public sealed class SkinnedMeshRenderer : Renderer
    {
        Mesh _mesh;
        public readonly float[] Weights = new float[128];

        public Mesh sharedMesh
        {
            get { MainThread.Check(); return _mesh; }
            set { MainThread.Check(); _mesh = value; }
        }

        public void SetBlendShapeWeight(int shape, float weight) { MainThread.Check(); Weights[shape] = weight; }
    }

    public enum TextureFormat { RGBA32 = 4 }

    public enum TextureWrapMode { Repeat, Clamp }

    public class Texture : Object
    {
        TextureWrapMode _wrap;
        int _width, _height;

        public int width
        {
            get { MainThread.Check(); return _width; }
            protected set { _width = value; }
        }

        public int height
        {
            get { MainThread.Check(); return _height; }
            protected set { _height = value; }
        }

        public TextureWrapMode wrapMode
        {
            get { MainThread.Check(); return _wrap; }
            set { MainThread.Check(); _wrap = value; }
        }
    }

    public sealed class RenderTexture : Texture
    {
        public Texture Source;
        public Vector2 Scale, Offset;
    }

    public static class Graphics
    {
        public static void Blit(Texture source, RenderTexture target, Vector2 scale, Vector2 offset)
        {
            MainThread.Check();
            target.Source = source;
            target.Scale = scale;
            target.Offset = offset;
        }
    }

    public sealed class Texture2D : Texture
    {
        public static int Made;
        public readonly byte[] Pixels;
        public int Applied;

        public Texture2D(int width, int height, TextureFormat format, bool mipChain)
        {
            MainThread.Check();
            this.width = width;
            this.height = height;
            Pixels = new byte[width * height * 4];
            Made++;
        }

        public void LoadRawTextureData(byte[] data)
        {
            MainThread.Check();
            if (data.Length != Pixels.Length) { throw new UnityException("not enough data provided"); }
            Buffer.BlockCopy(data, 0, Pixels, 0, data.Length);
        }

        public void Apply(bool updateMipmaps) { MainThread.Check(); Applied++; }
    }
}
